"""A what-if in a link: its scenario file, packed so that a browser's address can carry it."""

from __future__ import annotations

import base64
import binascii
import zlib

from simulation.app.draft import Draft
from simulation.errors import InputError

#: name of the what-if in an address: `?whatif=...`
KEY = "whatif"
#: most letters of a packed what-if; mail programs and browsers pass on addresses of this length
MOST_LETTERS = 8_000
#: most bytes it may unpack to: a small text can be packed that would fill the memory
MOST_BYTES = 64_000
_LINK = "the link"


def encode(draft: Draft) -> str:
    """Pack a what-if for a link.

    Args:
        draft: The what-if.

    Raises:
        InputError: It says too much for a link.
    """
    content = draft.text().encode()
    packed = base64.urlsafe_b64encode(zlib.compress(content, 9)).decode().rstrip("=")
    if len(content) > MOST_BYTES or len(packed) > MOST_LETTERS:
        raise InputError(
            "says too much for a link", file=draft.shown, allowed="download it as a file instead"
        )
    return packed


def decode(text: str) -> Draft:
    """The what-if that a link carries.

    Args:
        text: What stands behind `whatif=` in the link.

    Raises:
        InputError: It is damaged, too long, or carries no scenario.
    """
    letters = "".join(text.split())  # mail programs break long lines
    if len(letters) > MOST_LETTERS:
        raise InputError("too long", file=_LINK, allowed=f"{MOST_LETTERS:,} letters")
    content = _unpacked(letters)
    return Draft.of_file(content, _LINK)


def _unpacked(letters: str) -> bytes:
    """The scenario file, never more of it than may be."""
    unpack = zlib.decompressobj()
    try:
        packed = base64.b64decode(
            letters.encode("ascii") + b"=" * (-len(letters) % 4), altchars=b"-_", validate=True
        )
        content = unpack.decompress(packed, MOST_BYTES + 1)
    except (UnicodeEncodeError, binascii.Error, zlib.error) as error:
        raise _damaged() from error
    if len(content) > MOST_BYTES:
        raise InputError("carries too much", file=_LINK, allowed=f"{MOST_BYTES:,} bytes unpacked")
    if not unpack.eof or unpack.unused_data:
        raise _damaged()
    return content


def _damaged() -> InputError:
    return InputError(
        "is damaged or was cut short",
        file=_LINK,
        allowed=f"a whole link, with everything after {KEY}=",
    )
