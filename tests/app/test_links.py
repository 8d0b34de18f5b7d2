"""The address of the page: what was set comes back as it was, and a bad address is refused."""

from __future__ import annotations

import base64
import random
import zlib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulation.app.board import examine
from simulation.app.draft import Draft, shipped
from simulation.app.links import (
    EVERYBODY,
    MOST_LETTERS,
    TOO_LARGE,
    PageState,
    Pin,
    decode,
    encode,
    encode_pins,
    fits,
    query_of,
    state_of,
)
from simulation.errors import InputError
from simulation.scenario import shipped_scenarios

AGREEMENT = {"between": ["UK", "RS"], "level": "high"}
SHIPPED = tuple(shipped_scenarios())
LETTERS = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


def packed(content: bytes) -> str:
    return base64.urlsafe_b64encode(zlib.compress(content, 9)).decode().rstrip("=")


def same(state: PageState, wanted: PageState) -> None:
    """Two states say the same, to the letter of the scenario file."""
    assert replace(state, draft=wanted.draft) == wanted
    assert state.draft.text() == wanted.draft.text()
    assert state.draft.start == wanted.draft.start


# -- what comes back ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_every_shipped_scenario_comes_back(name):
    state = PageState(Draft(name))
    assert query_of(state) == f"scenario={name}"
    assert state_of(query_of(state), Draft("no-sharing")).draft == Draft(name)
    alone = Draft("", shipped(name).as_toml_data())
    assert set(encode(alone)) <= LETTERS
    assert decode(encode(alone)).scenario().hash() == shipped(name).hash()
    # an unchanged scenario, compressed, is still the shipped one and no what-if
    assert decode(encode(Draft(name))) == Draft(name)


def test_an_address_that_names_nothing_is_what_the_server_was_started_with():
    plain = Draft("full-sharing")
    assert query_of(PageState(plain), plain) == ""
    for query in ("", None, "x=1&y", "utm_source=mail"):
        assert state_of(query, plain) == PageState(plain)
    # and the baseline must then be named
    assert query_of(PageState(Draft()), plain) == "scenario=baseline"


def test_a_part_that_is_as_usual_is_left_out():
    state = PageState(Draft(), 7, "One in ten", "results", "2028")
    assert query_of(state, Draft()) == "tab=results&seed=7&people=0.1&years=2028"
    same(state_of("years=2028&people=0.1&seed=7&tab=results", Draft()), state)


def test_the_page_of_a_lever_comes_back():
    state = PageState(lever="funding")
    assert query_of(state, state.draft) == "lever=funding"
    assert state_of("lever=funding", state.draft) == state


def test_pinned_what_ifs_come_back_in_their_order():
    pins = (
        Pin(Draft("full-sharing"), "2028"),
        Pin(Draft().with_(sharing=[AGREEMENT]), "2027..2028"),
    )
    query = query_of(PageState(pins=pins), Draft())
    assert state_of(query, Draft()) == PageState(pins=pins)
    assert set(query.removeprefix("pins=")) <= LETTERS | set("~.")
    assert query_of(PageState()) == "scenario=baseline"


def test_it_may_be_broken_over_lines():
    draft = Draft().with_(title="Mehr teilen: été <b>", sharing=[AGREEMENT])
    link = encode(draft)
    decoded = decode(f"{link[:40]}\r\n  {link[40:]}\n")
    assert decoded.title == draft.title
    assert decoded.shown == Draft().shown
    assert decoded.scenario().hash() == draft.scenario().hash()


# -- what is refused ------------------------------------------------------------------------------


GOOD = encode(Draft().with_(sharing=[AGREEMENT]))


@pytest.mark.parametrize(("query", "message"), [
    ("seed=0", 'the address: seed = "0": not a seed; allowed: a whole number from 1'),
    ("seed=", "not a seed"), ("seed=1e3", "not a seed"), ("seed=" + "9" * 5_000, "not a seed"),
    ("seed=%D9%A1", "not a seed"), ("seed=-1", "not a seed"),
    ("people=0.2", "people = \"0.2\": not known; allowed: 1, 0.3, 0.1"),
    ("people=1e-1", "not known"), ("years=2031", "not known; allowed: 2027..2028, 2027, 2028"),
    ("tab=admin", "not known; allowed: answer, watch, results, limits"),
    ("lever=fundin", 'did you mean "funding"'), ("lever=", "not known"),
    ("scenario=basline", 'did you mean "baseline"'), ("scenario=", "not known"),
    ("scenario=../../etc/passwd", "not known"), ("scenario=%00", "not known"),
    (f"scenario=baseline&whatif={GOOD}", "stands beside whatif"),
    ("seed=1&seed=2", "stands twice"),
    ("whatif=", "damaged or cut short"), (f"whatif={TOO_LARGE}", "too large for the address"),
    ("pins=", "damaged"), (f"pins=2028~{GOOD}~2027", "pins: damaged"),
    (f"pins=2031~{GOOD}", 'pins = "2031": not known; allowed: 2027..2028, 2027, 2028'),
    (f"pins=2028~{GOOD[:-6]}", "pins: damaged or cut short"),
    (f"pins={'~'.join(['2028', GOOD] * 5)}", "too many what-ifs; allowed: at most 4"),
    (f"pins={TOO_LARGE}", "pins: damaged or too long"),
    (f"whatif={GOOD}&seed=x", "not a seed"), (f"whatif={GOOD}&whatif={GOOD}", "stands twice"),
])  # fmt: skip
def test_a_part_that_cannot_be_used_is_refused_in_one_line(query, message):
    with pytest.raises(InputError) as caught:
        state_of(query, Draft())
    said = str(caught.value)
    assert said.startswith("the address")
    assert message in said
    assert "\n" not in said
    assert len(said) < 2_500


@settings(max_examples=50, deadline=None)
@given(st.integers(0, len(GOOD) - 1), st.sampled_from(sorted(LETTERS)))
def test_a_changed_letter_is_refused_or_gives_a_scenario_that_is_checked(at, letter):
    try:
        draft, said = decode(GOOD[:at] + letter + GOOD[at + 1 :]), ""
    except InputError as error:
        draft, said = Draft(), str(error)
    assert said == "" or said.startswith("the address")
    assert examine(draft).problem == ""


DAMAGED = "whatif: damaged or cut short"


@pytest.mark.parametrize(("link", "message"), [
    *((link, DAMAGED) for link in (
        "", "a", "!!!!", "é", "\x00", "abcd", encode(Draft())[:-6], "=" * 40,
    )),
    (packed(b"no toml"), "not valid TOML"), (packed(b"\xff\xfe"), "not UTF-8"),
    (packed(b'title = "x"\n'), "missing"),
    (packed(b'title = "x"\nextends = "../../etc/passwd"\n'), "extends"),
    (packed(b"a=" + b"[" * 20_000), "not valid TOML"), ("A" * 5_000_000, "too long"),
], ids=range(14))  # fmt: skip
def test_a_link_that_is_damaged_or_carries_no_scenario_is_refused(link, message):
    with pytest.raises(InputError, match=f"^the address.*{message}"):
        decode(link)


def test_a_what_if_that_is_too_large_leaves_a_mark_in_the_address():
    noise = base64.b64encode(random.Random(1).randbytes(MOST_LETTERS)).decode()
    large = Draft().with_(description=noise)
    assert encode(large) == TOO_LARGE
    assert not fits(large)
    query = query_of(PageState(large, 7, EVERYBODY))
    assert query == f"whatif={TOO_LARGE}&seed=7"
    assert encode_pins([Pin(large, "2028")]) == TOO_LARGE
    # so that a reload says what has happened, and does not show an older what-if
    with pytest.raises(InputError, match="opening the scenario file that was downloaded"):
        state_of(query, Draft())
