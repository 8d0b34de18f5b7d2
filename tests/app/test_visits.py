"""How many pages are shown at once, and what the next visitor reads."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from simulation.app.visits import Visits


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
