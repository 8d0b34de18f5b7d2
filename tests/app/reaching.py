"""How a program reaches the app: by the address that it prints, which holds its token."""

from __future__ import annotations

import re
import urllib.error
import urllib.request

_PRINTED = re.compile(r"^Open (http://\S+) in a browser", re.MULTILINE)


def printed(said: str) -> str | None:
    """The address that the server has printed on its standard error; None before it has."""
    found = _PRINTED.search(said)
    return found[1] if found else None


def visitor(address: str) -> urllib.request.OpenerDirector:
    """Something that holds the cookie of the server at a printed address, as a browser does."""
    cookies = urllib.request.HTTPCookieProcessor()
    # no proxy: what is asked is on this machine
    one = urllib.request.build_opener(urllib.request.ProxyHandler({}), cookies)
    with one.open(address, timeout=30) as answer:
        assert answer.status == 200
    return one


def answers(address: str) -> bool:
    """Whether the page can be opened."""
    try:
        visitor(address).close()
    except (urllib.error.URLError, OSError):
        return False
    return True
