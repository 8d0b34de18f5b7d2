"""What the app tells before a run, and the projected months that its charts shade."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import solara

from simulation.app import board
from simulation.app.charts import CHARTS, drawn
from simulation.app.draft import Draft
from simulation.app.live import LiveRun
from simulation.app.to_know import ToKnow
from simulation.scenario import parse_scenario
from tests.app.reading import until, words

RUN = """
title = "Some days"
extends = "baseline"
[run]
start = 2025-12-20
end = {end}
warm_up_days = 5
"""


def told(made: Draft) -> str:
    """What stands in the box once it has been worked out."""
    board.draft.set(made)
    _, rc = solara.render(ToKnow(), handle_error=False)
    try:
        until(lambda: words(rc), 60.0)
        return words(rc)
    finally:
        rc.close()
        board.draft.set(Draft())


def test_a_lever_that_cannot_act_is_told():
    dead = {"visa": [{"authority": "IT", "origins": ["vietnam"]}]}
    text = told(Draft(data=dead))
    assert "vietnam" in text
    assert "has no effect in this run" in text


def test_months_beyond_the_data_are_told():
    text = told(Draft(data={"run": {"end": datetime(2026, 3, 1, tzinfo=UTC).date()}}))
    assert "December 2025" in text
    assert "projected" in text


@pytest.mark.parametrize(("end", "shaded"), [("2025-12-31", False), ("2026-01-05", True)])
def test_charts_shade_the_days_beyond_the_data(end, shaded):
    run = LiveRun(parse_scenario(RUN.format(end=end)), 1, 0.02)
    for spec in CHARTS:
        if spec.two:
            continue
        chart = drawn(spec, [run])
        assert [label for _, _, label in chart["outside"]] == ["projected"] * shaded
        days = [
            [datetime.fromtimestamp(ms / 1000, UTC).date().isoformat() for ms in stretch]
            for *stretch, _ in chart["outside"]
        ]
        assert days == ([["2026-01-01", "2026-01-06"]] if shaded else [])
