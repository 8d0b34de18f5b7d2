"""The address of the page: it holds all that was set, so that a reload or a link finds it again.

A what-if stands in it as its scenario file, compressed, and is checked as a file is.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

from simulation.app.choices import years
from simulation.app.draft import Draft
from simulation.errors import InputError, closest
from simulation.scenario import shipped_scenarios
from simulation.scenario.files import MAXIMUM_BYTES

#: tabs of the page; the first is shown unless the address names another
TABS = ("answer", "watch", "results", "limits")
#: shares of the people that can be simulated, by what the page calls them
SCALES = {"Everybody": "1", "Three in ten": "0.3", "One in ten": "0.1"}
#: most characters of a compressed what-if; mail programs and browsers pass on addresses this long
MOST_LETTERS = 8_000
#: stands in the address in place of a what-if that is too large for it
TOO_LARGE = "too-large"
_SEED_DIGITS = 9
_ADDRESS = "the address"


@dataclass(frozen=True)
class PageState:
    """The part of a page's state that its address holds.

    Attributes:
        draft: The what-if.
        tab: One of `TABS`.
        years: The years of the answer, one of `choices.years`.
        seed: Seed of the runs that are watched.
        people: Share of the people simulated in them, one of the values of `SCALES`.
    """

    draft: Draft = field(default_factory=Draft)
    tab: str = TABS[0]
    years: str = field(default_factory=lambda: next(iter(years())))
    seed: int = 1
    people: str = "1"


def query_of(state: PageState, plain: Draft) -> str:
    """The query of the address that holds a state, without its question mark.

    Args:
        state: What the page shows. A what-if that is too large is replaced by a mark that says so.
        plain: The what-if of an address that names none, which is therefore left out.
    """
    parts = {}
    if state.draft.text() != plain.text():
        by_name = not state.draft.data and state.draft.start
        parts = {"scenario": by_name} if by_name else {"whatif": encode(state.draft)}
    usual = PageState()
    for key in ("tab", "years", "seed", "people"):
        if getattr(state, key) != getattr(usual, key):
            parts[key] = str(getattr(state, key))
    return urlencode(parts)


def state_of(query: str | None, plain: Draft) -> PageState:
    """The state that an address holds.

    Args:
        query: What stands behind the question mark. Parts that are not ours are ignored.
        plain: The what-if of an address that names none.

    Raises:
        InputError: Something in it cannot be used.
    """
    parts = dict(parse_qsl(query or "", keep_blank_values=True))
    draft, usual = plain, PageState()
    if "whatif" in parts:
        draft = decode(parts["whatif"])
    elif "scenario" in parts:
        draft = Draft(_one_of(parts, "scenario", "", tuple(shipped_scenarios())))
    return PageState(
        draft,
        _one_of(parts, "tab", usual.tab, TABS),
        _one_of(parts, "years", usual.years, tuple(years())),
        seed_of(parts.get("seed", str(usual.seed))),
        _one_of(parts, "people", usual.people, tuple(SCALES.values())),
    )


def seed_of(text: str) -> int:
    """The seed somebody typed or that an address names.

    Raises:
        InputError: It is no seed.
    """
    digits = text.strip()
    if digits.isascii() and digits.isdecimal() and len(digits) <= _SEED_DIGITS and int(digits) > 0:
        return int(digits)
    allowed = f"a whole number from 1, at most {_SEED_DIGITS} digits"
    raise InputError("not a seed", key="seed", value=digits[:30], allowed=allowed)


def encode(draft: Draft) -> str:
    """The scenario file of a what-if compressed for an address, or else `TOO_LARGE`."""
    content = draft.text().encode()
    packed = base64.urlsafe_b64encode(zlib.compress(content, 9)).decode()
    return TOO_LARGE if len(packed) > MOST_LETTERS else packed


def decode(text: str) -> Draft:
    """A what-if that an address holds.

    Raises:
        InputError: It is damaged, too long, or holds no scenario.
    """
    letters = "".join(text.split())  # mail programs break long lines
    if letters == TOO_LARGE or len(letters) > MOST_LETTERS:
        allowed = "opening the scenario file that was downloaded"
        raise InputError("too large for an address", file=_ADDRESS, key="whatif", allowed=allowed)
    try:
        # a small address can hold a file without end
        packed = base64.urlsafe_b64decode(letters)
        content = zlib.decompressobj().decompress(packed, MAXIMUM_BYTES + 1)
    except (UnicodeEncodeError, binascii.Error, ValueError, zlib.error):
        allowed = "the whole address, with everything after whatif="
        raise InputError(
            "damaged or cut short", file=_ADDRESS, key="whatif", allowed=allowed
        ) from None
    return Draft.of_file(content, _ADDRESS)


def _one_of(parts: dict[str, str], key: str, usual: str, allowed: tuple[str, ...]) -> str:
    """The value of a part, which must be one of some words."""
    value = parts.get(key, usual)
    if value not in allowed:
        raise InputError(
            "not known",
            file=_ADDRESS,
            key=key,
            value=value,
            allowed=", ".join(allowed),
            suggestion=closest(value, allowed),
        )
    return value
