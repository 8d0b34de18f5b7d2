"""The address of the page: all that is set is found again, and what is damaged is refused."""

from __future__ import annotations

import base64
import contextlib
import zlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.app.choices import question_draft
from simulation.app.draft import Draft
from simulation.app.links import TOO_LARGE, PageState, encode, query_of, seed_of, state_of
from simulation.errors import InputError

AGREEMENT = {"between": ["UK", "RS"], "level": "high", "from": date(2023, 7, 1)}
MINE = Draft().with_(sharing=[AGREEMENT], title="Mine & “yours”")


@pytest.mark.parametrize("state", [
    PageState(), PageState(MINE), PageState(Draft("no-sharing"), "watch"),
    PageState(question_draft(), "results", "2028", 7, "0.1"),
])  # fmt: skip
def test_what_an_address_holds_is_found_again(state):
    for plain in (Draft(), question_draft(), state.draft):
        assert state_of(query_of(state, plain), plain) == state


def test_a_page_on_which_nothing_is_set_has_a_bare_address():
    assert query_of(PageState(question_draft()), question_draft()) == ""


@pytest.mark.parametrize(("query", "message"), [
    ("tab=whach", 'did you mean "watch"?'), ("years=1999", "years"), ("people=2", "people"),
    ("seed=0", "not a seed"), ("seed=-1", "not a seed"), ("seed=1e9", "not a seed"),
    ("scenario=basline", 'did you mean "baseline"?'), ("whatif=", "empty"),
    (f"whatif={encode(MINE)[:-9]}", "cut short"), ("whatif=%C3%A4", "cut short"),
    (f"whatif={'x' * 9_000}", "too large"), (f"whatif={TOO_LARGE}", "too large"),
])  # fmt: skip
def test_what_cannot_be_used_is_refused_in_one_line(query, message):
    with pytest.raises(InputError) as caught:
        state_of(query, Draft())
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_small_address_that_unpacks_to_a_large_file_is_refused():
    packed = base64.urlsafe_b64encode(zlib.compress(b"#" * 5_000_000, 9)).decode()
    with pytest.raises(InputError):
        state_of(f"whatif={packed}", Draft())


def test_a_what_if_that_is_too_large_is_marked_so():
    many = Draft().with_(sharing=[{**AGREEMENT, "name": str(hash(str(n)))} for n in range(900)])
    assert TOO_LARGE in query_of(PageState(many), Draft())


@given(st.text())
def test_any_address_gives_a_page_or_is_refused(query):
    with contextlib.suppress(InputError):
        assert state_of(query, Draft())


def test_a_seed_may_have_spaces_around_it():
    assert seed_of(" 12 ") == 12
