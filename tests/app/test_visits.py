"""How many pages are shown at once, and what the next visitor reads."""

from __future__ import annotations

import threading

import solara
from hypothesis import given
from hypothesis import strategies as st

from simulation.app import visits
from simulation.app.visits import Limited, Visits
from tests.app.reading import words


@given(
    st.integers(1, 4),
    st.lists(st.tuples(st.sampled_from(["enter", "leave"]), st.integers(0, 7)), max_size=60),
)
def test_never_more_than_the_most_are_in_and_whoever_leaves_makes_room(most, moves):
    rule, entered = Visits(most), set()
    ends = [threading.Event() for _ in range(8)]
    for move, visit in moves:
        if move == "leave":
            ends[visit].set()
            ends[visit] = threading.Event()
            entered.discard(visit)
        else:
            assert rule.enter(ends[visit]) is (visit in entered or len(entered) < most)
            if len(entered) < most:
                entered.add(visit)


@solara.component
def a_page():
    solara.Text("what was asked for")


@solara.component
def one_that_fails():
    raise ZeroDivisionError


def test_a_page_has_its_place_until_its_session_ends_also_if_it_could_not_be_drawn(
    monkeypatch, render
):
    monkeypatch.setattr(visits, "VISITS", Visits(1))
    first, second, third = (threading.Event() for _ in range(3))

    def reads(page, session_end) -> str:
        monkeypatch.setattr(solara, "kernel_closed_event", lambda: session_end)
        return words(render(Limited(page)))

    assert "a fault of the program" in reads(one_that_fails, first)
    assert "at most 1 page" in reads(a_page, second)
    first.set()
    assert "what was asked for" in reads(a_page, third)
