"""The address of the page: it holds all that was set, so that a reload or a link finds it again.

A shipped scenario stands in it by its name, a what-if as its scenario file, compressed. Both are
checked as a file is.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

from simulation.app.choices import years
from simulation.app.draft import Draft
from simulation.errors import InputError, closest
from simulation.scenario import shipped_scenarios
from simulation.scenario.levers.registry import SECTIONS

#: names of the parts of an address in their order: `?whatif=...&seed=7`
TAB, SCENARIO, WHATIF, SEED, PEOPLE, YEARS, PINS, LEVER = _KEYS = (
    "tab", "scenario", "whatif", "seed", "people", "years", "pins", "lever"
)  # fmt: skip
#: tabs of the page; the first is shown unless the address names another
TABS = ("answer", "watch", "results", "limits")
EVERYBODY = "Everybody"
#: shares of the people that can be simulated, by what the page calls them
SCALES = {EVERYBODY: 1.0, "Three in ten": 0.3, "One in ten": 0.1}
#: most characters of a compressed what-if; mail programs and browsers pass on addresses this long
MOST_LETTERS = 8_000
#: most what-ifs that are pinned, and what stands between the parts of these in an address
MOST_PINS, _BETWEEN = 4, "~"
#: most characters of these: with the what-if they stay below what the server reads of an address
MOST_PINNED_LETTERS = MOST_LETTERS // 2
#: stands in the address in place of a what-if that is too large for it
TOO_LARGE = "too-large"
_SEED_DIGITS = 9
_ADDRESS = "the address"


class Pin(NamedTuple):
    """A what-if that is pinned.

    Attributes:
        draft: The what-if.
        years: Years of its answer, one of `choices.years`.
    """

    draft: Draft
    years: str


@dataclass(frozen=True)
class PageState:
    """The part of a page's state that its address holds.

    Attributes:
        draft: The what-if.
        seed: Seed of the runs.
        people: Share of the people simulated, one of the words of `SCALES`.
        tab: One of `TABS`.
        years: The years of the answer, one of `choices.years`.
        pins: The what-ifs that are pinned.
        lever: The section of the lever whose page is open; empty for none.
    """

    draft: Draft = field(default_factory=Draft)
    seed: int = 1
    people: str = EVERYBODY
    tab: str = TABS[0]
    years: str = field(default_factory=lambda: next(iter(years())))
    pins: tuple[Pin, ...] = ()
    lever: str = ""


def query_of(state: PageState, plain: Draft | None = None) -> str:
    """The query of the address that holds a state, without its question mark.

    Args:
        state: What the page shows. A what-if that is too large is replaced by a mark that says so.
        plain: The what-if of an address that names none, which is therefore left out; None to
            name every what-if, as a link does that somebody else may open.
    """
    values, usual = _values(state), _values(PageState())
    parts = {key: value for key, value in values.items() if value != usual[key]}
    if plain is None or state.draft.text() != plain.text():
        if state.draft.data or not state.draft.start:
            parts[WHATIF] = encode(state.draft)
        else:
            parts[SCENARIO] = state.draft.start
    return urlencode({key: parts[key] for key in _KEYS if key in parts})


def _values(state: PageState) -> dict[str, str]:
    """Every part of an address but its what-if."""
    return {
        TAB: state.tab,
        SEED: str(state.seed),
        PEOPLE: f"{SCALES[state.people]:g}",
        YEARS: state.years,
        PINS: encode_pins(state.pins),
        LEVER: state.lever,
    }


def state_of(query: str | None, plain: Draft) -> PageState:
    """The state that an address holds.

    Args:
        query: What stands behind the question mark. Parts that are not ours are ignored.
        plain: The what-if of an address that names none.

    Raises:
        InputError: Something in it cannot be used.
    """
    parts = _parts(query or "")
    if SCENARIO in parts and WHATIF in parts:
        raise _refused(f"stands beside {WHATIF}", "one of the two", SCENARIO)
    draft = plain
    if WHATIF in parts:
        draft = decode(parts[WHATIF])
    elif SCENARIO in parts:
        draft = Draft(_one_of(parts, SCENARIO, tuple(shipped_scenarios())))
    shares = {f"{share:g}": word for word, share in SCALES.items()}
    return PageState(
        draft,
        seed_of(parts[SEED], _ADDRESS) if SEED in parts else PageState.seed,
        shares[_one_of(parts, PEOPLE, tuple(shares))] if PEOPLE in parts else EVERYBODY,
        _one_of(parts, TAB, TABS) if TAB in parts else TABS[0],
        _one_of(parts, YEARS, tuple(years())) if YEARS in parts else PageState().years,
        decode_pins(parts[PINS]) if PINS in parts else (),
        _one_of(parts, LEVER, SECTIONS) if LEVER in parts else "",
    )


def seed_of(text: str, file: str | None = None) -> int:
    """The seed somebody typed or that an address names.

    Args:
        text: What stands there.
        file: Where it stands, for the message.

    Raises:
        InputError: It is no seed.
    """
    digits = text.strip()
    if digits.isascii() and digits.isdecimal() and len(digits) <= _SEED_DIGITS and int(digits) > 0:
        return int(digits)
    allowed = f"a whole number from 1, at most {_SEED_DIGITS} digits"
    raise InputError("not a seed", file=file, key=SEED, value=digits[:30], allowed=allowed)


def fits(draft: Draft) -> bool:
    """Whether a what-if is small enough for an address."""
    return encode(draft) != TOO_LARGE


def encode(draft: Draft) -> str:
    """The scenario file of a what-if compressed for an address, or else `TOO_LARGE`."""
    content = draft.text().encode()
    packed = base64.urlsafe_b64encode(zlib.compress(content, 9)).decode().rstrip("=")
    return TOO_LARGE if len(packed) > MOST_LETTERS else packed


def decode(text: str, key: str = WHATIF) -> Draft:
    """A what-if that an address holds.

    Args:
        text: What stands for it.
        key: The part of the address in which that stands.

    Raises:
        InputError: It is damaged, too long, or holds no scenario.
    """
    letters = "".join(text.split())  # mail programs break long lines
    if letters == TOO_LARGE:
        raise _refused(
            "the what-if was too large for the address, so it is not in it",
            "opening the scenario file that was downloaded",
            key,
        )
    if len(letters) > MOST_LETTERS:
        raise _refused("too long", f"{MOST_LETTERS:,} characters", key)
    return Draft.of_file(_unpacked(letters, key), _ADDRESS)


def encode_pins(pins: Sequence[Pin]) -> str:
    """What-ifs that are pinned, for an address, or else `TOO_LARGE`."""
    parts = [part for one in pins for part in (one.years, encode(one.draft))]
    packed = _BETWEEN.join(parts)
    return TOO_LARGE if len(packed) > MOST_PINNED_LETTERS or TOO_LARGE in parts else packed


def decode_pins(text: str) -> tuple[Pin, ...]:
    """The what-ifs that an address has pinned.

    Args:
        text: What stands behind `pins=`.

    Raises:
        InputError: It is damaged, or there are too many.
    """
    parts = "".join(text.split()).split(_BETWEEN)
    periods, drafts = parts[::2], parts[1::2]
    if len(periods) != len(drafts) or len(text) > MOST_PINNED_LETTERS:
        raise _refused("damaged or too long", f"at most {MOST_PINNED_LETTERS:,} characters", PINS)
    if len(periods) > MOST_PINS:
        raise _refused("too many what-ifs", f"at most {MOST_PINS}", PINS)
    allowed = tuple(years())
    return tuple(
        Pin(decode(letters, PINS), _one_of({PINS: period}, PINS, allowed))
        for period, letters in zip(periods, drafts, strict=True)
    )


def _parts(query: str) -> dict[str, str]:
    """Our parts of an address."""
    parts: dict[str, str] = {}
    for key, value in parse_qsl(query, keep_blank_values=True):
        if key in parts:
            raise _refused("stands twice", "once", key)
        if key in _KEYS:
            parts[key] = value
    return parts


def _one_of(parts: dict[str, str], key: str, allowed: tuple[str, ...]) -> str:
    """The value of a part that must be one of some words."""
    value = parts[key]
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


def _unpacked(letters: str, key: str) -> bytes:
    """The scenario file."""
    try:
        packed = base64.b64decode(
            letters.encode("ascii") + b"=" * (-len(letters) % 4), altchars=b"-_", validate=True
        )
        return zlib.decompress(packed)
    except (UnicodeEncodeError, binascii.Error, zlib.error):
        allowed = f"the whole address, with everything after {key}="
        raise _refused("damaged or cut short", allowed, key) from None


def _refused(problem: str, allowed: str, key: str) -> InputError:
    return InputError(problem, file=_ADDRESS, key=key, allowed=allowed)
