"""Names and addresses under which a browser may ask for the app."""

from __future__ import annotations

import ipaddress
import re
from contextlib import suppress
from typing import NamedTuple

from simulation.errors import InputError

#: names by which a machine reaches itself
LOOPBACK = ("127.0.0.1", "localhost", "::1")
#: addresses that stand for every address of a machine, and are the name of none
EVERY_ADDRESS = ("0.0.0.0", "::")
_LONGEST_NAME, _LARGEST_PORT = 253, 65535
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
#: a browser reads a name that ends in such a label as an IPv4 address
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_AUTHORITY = re.compile(r"(\[[^\[\]]*\]|[^\[\]:]*)(?::([0-9]{1,5}))?")
_NAMES = "a host name in ASCII letters, digits, - and ., or an IP address"


class Authority(NamedTuple):
    """A name and a port, as a `Host` header gives them.

    Attributes:
        name: In lower case; an IPv6 address without brackets.
        port: None where no port is given.
    """

    name: str
    port: int | None


def normal_name(text: str) -> str | None:
    """A host name or IP address in its one usual spelling; None if it is neither."""
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    with suppress(ValueError):
        return str(ipaddress.ip_address(bare))
    name = text.lower()
    labels = name.split(".")
    if len(name) > _LONGEST_NAME or not all(map(_LABEL.fullmatch, labels)):
        return None
    return None if _NUMBER.fullmatch(labels[-1]) else name


def parse_authority(text: str) -> Authority | None:
    """A name with or without a port; None if it is not one.

    Args:
        text: Such as `localhost:8765` or `[::1]`.
    """
    match = _AUTHORITY.fullmatch(text)
    if match is None:
        return None
    name, port = normal_name(match[1]), None if match[2] is None else int(match[2])
    if name is None or (port is not None and not 1 <= port <= _LARGEST_PORT):
        return None
    return Authority(name, port)


def host_to_listen_on(text: str) -> str:
    """The value of `--host`, checked and in its usual spelling.

    Raises:
        InputError: It is neither a host name nor an IP address.
    """
    name = normal_name(text)
    if name is None:
        raise InputError("not the name of a host", key="--host", value=text, allowed=_NAMES)
    return name


def host_to_allow(text: str) -> Authority:
    """A value of `--allow-host`, checked.

    Raises:
        InputError: It is not a name that can stand in the address of a page.
    """
    bare = normal_name(text)
    authority = parse_authority(text) if bare is None else Authority(bare, None)
    if authority is not None and authority.name not in EVERY_ADDRESS:
        return authority
    problem = "not the name of a host"
    allowed = f"{_NAMES}, with :PORT or without; no http:// and no *"
    if authority is not None:
        problem = "stands for every address, not for one"
        allowed = "the name or the address that people will type"
    raise InputError(problem, key="--allow-host", value=text, allowed=allowed)


def is_loopback(name: str) -> bool:
    """Whether only this machine can reach an address.

    Args:
        name: In its usual spelling.
    """
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name in LOOPBACK


def in_an_address(name: str) -> str:
    """A name as it stands in a URL: an IPv6 address in brackets."""
    return f"[{name}]" if ":" in name else name
