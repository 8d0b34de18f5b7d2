"""What a server asks of other machines: every address its process looks up or connects to."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path

#: Python that a server runs before anything else: it says whom it asks, and its home is empty
WATCHED = """
import os, sys
home = os.path.expanduser("~")
os.environ.setdefault("XDG_CACHE_HOME", os.path.join(home, ".cache"))  # compiled code
os.environ["HOME"] = {home!r}
def watch(event, given):
    if event in ("socket.bind", "socket.connect", "socket.sendto", "socket.sendmsg"):
        address = given[-1]
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        address = given
    else:
        return
    if isinstance(address, tuple):  # else a socket of this machine, or a connected one
        print(f"asked: {{address[0]}}", file=sys.stderr, flush=True)
sys.addaudithook(watch)
"""


def watched(home: Path) -> str:
    """The Python for a server whose home is an empty folder."""
    home.mkdir()
    return WATCHED.format(home=str(home))


def asked(said: str) -> set[str]:
    """The names and addresses that a watched server has asked, by its standard error."""
    return set(re.findall(r"^asked: (.*)$", said, re.MULTILINE))


def others(said: str) -> set[str]:
    """Those of them that are not this machine."""
    return {name for name in asked(said) if not _is_here(name)}


def _is_here(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name in ("localhost", "None")
