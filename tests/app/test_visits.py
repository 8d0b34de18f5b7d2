"""How many pages are shown at once, and what the next visitor reads."""

from __future__ import annotations

import solara
from hypothesis import given
from hypothesis import strategies as st

from simulation.app import visits
from simulation.app.visits import Limited, Visits
from tests.app.reading import button, words


@given(
    st.integers(1, 4),
    st.lists(st.tuples(st.sampled_from(["enter", "leave"]), st.integers(0, 7)), max_size=60),
)
def test_never_more_than_the_most_are_in_and_whoever_leaves_makes_room(most, moves):
    rule, entered = Visits(most), set()
    for move, visit in moves:
        if move == "leave":
            rule.leave(visit)
            entered.discard(visit)
        else:
            assert rule.enter(visit) is (visit in entered or len(entered) < most)
            if len(entered) < most:
                entered.add(visit)


def test_the_next_visitor_is_told_and_comes_in_when_a_page_is_closed(render, monkeypatch):
    monkeypatch.setattr(visits, "VISITS", Visits(1))

    @solara.component
    def Shown():  # noqa: N802 (a component)
        solara.Text("What is shown")

    first, second = render(Limited(Shown)), render(Limited(Shown))
    assert "What is shown" in words(first)
    assert "What is shown" not in words(second)
    assert "at most 1 page at once" in words(second)
    button(second, "Try again").click()
    assert "What is shown" not in words(second)
    first.close()
    button(second, "Try again").click()
    assert "What is shown" in words(second)
