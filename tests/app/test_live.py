"""A run that is shown while it goes on: it is the run of the command line, a day at a time."""

from __future__ import annotations

import json

import numpy as np
import pytest

from simulation.app.charts import CHARTS, WEEK, drawn, weeks_over
from simulation.app.ground import CORRIDOR, STRAIT, ground_text
from simulation.app.live import UNUSED, LiveRun
from simulation.corridor import load_corridor
from simulation.model.corridor_model import simulate
from simulation.scenario import parse_scenario

TEXT = """
title = "Some weeks"
extends = "baseline"
[run]
start = 2023-06-01
end = 2023-07-20
warm_up_days = 30
"""
OTHER = TEXT + '[sharing_default]\nlevel = "full"\n'
SCALE = 0.05


def ran(text: str, days: int | None = None) -> LiveRun:
    run = LiveRun(parse_scenario(text), seed=3, scale=SCALE)
    for _ in range(run.days if days is None else days):
        run.step()
    return run


@pytest.fixture(scope="module")
def runs() -> list[LiveRun]:
    both = [LiveRun(parse_scenario(text), seed=3, scale=SCALE) for text in (TEXT, OTHER)]
    for _ in range(both[0].days):
        for run in both:
            run.step()
    return both


@pytest.mark.parametrize("number", [0, 1])
def test_it_is_the_run_of_the_command_line(runs, number):
    run, record = runs[number], simulate(parse_scenario((TEXT, OTHER)[number]), seed=3, scale=SCALE)
    daily = run.daily()
    assert set(daily) == set(record.daily)
    for name, values in record.daily.items():
        np.testing.assert_array_equal(daily[name], values, err_msg=name)
    last = run.frame(run.over - 1)
    assert last["arrivals"] == round(record.daily["channel_arrivals"].sum())
    assert last["places"] == np.rint(record.place_present[-1]).astype(int).tolist()


def test_a_day_looks_the_same_later(runs):
    assert ran(TEXT, 40).frame(39) == runs[0].frame(39)


def test_a_frame_is_small_and_says_what_happened(runs):
    run = runs[0]
    frame = run.frame(run.over - 1)
    assert len(json.dumps(frame, separators=(",", ":"))) < 5_000
    ledger = run.world.ledger
    went = ledger.departures[run.over - WEEK : run.over].sum(axis=0)
    assert [code == UNUSED for code in frame["legs"]] == (went == 0).tolist()
    assert max(frame["legs"]) < 25


def test_boats_of_a_day_are_those_that_landed_came_back_or_were_stopped(runs):
    ledger = runs[0].world.ledger
    day = int(ledger.launches.sum(axis=1).argmax())
    rows = runs[0].frame(day)["boats"]
    assert sum(row[1] for row in rows) == ledger.launches[day].sum()
    assert all(row[1] > 0 for row in rows)


def test_before_the_first_day_nothing_is_counted():
    run = ran(TEXT, 10)
    assert run.frame(9)["arrivals"] == 0
    assert all(values.size == 0 for values in run.daily().values())
    assert weeks_over(run) == 0
    for spec in CHARTS:
        assert all(not s["y"] or "x" in s for s in drawn(spec, [run])["data"])


@pytest.mark.parametrize("spec", CHARTS, ids=lambda spec: spec.key)
def test_every_chart_grows_by_week_and_is_small(spec, runs):
    chart = drawn(spec, runs)
    assert len(json.dumps(chart)) < 10_000
    weeks = weeks_over(runs[0])
    assert weeks == 7
    lines = [one for one in chart["data"] if "x" not in one]
    assert lines
    assert all(len(one["y"]) == weeks for one in lines)


def test_arrivals_have_the_observed_months_drawn_in(runs):
    chart = drawn(CHARTS[0], runs)
    observed = next(one for one in chart["data"] if "x" in one)
    assert len(observed["x"]) == 2  # the middles of June and July
    assert observed["y"][0] == pytest.approx(3823 / 30 * 7, rel=0.01)


def test_the_ground_holds_every_place_and_names_what_it_can():
    maps = json.loads(ground_text())
    corridor = load_corridor()
    assert len(maps[CORRIDOR]["places"]) == len(corridor.places)
    assert {leg["n"] for leg in maps[CORRIDOR]["legs"]} == set(range(len(corridor.legs)))
    assert {"Dover", "Calais", "Dunkirk"} <= {place["label"] for place in maps[STRAIT]["places"]}
    boats = {
        n for n, leg in enumerate(corridor.legs) if leg.mode == "boat" and leg.stage == "channel"
    }
    assert boats <= {leg["n"] for leg in maps[STRAIT]["legs"]}
    assert len(ground_text()) < 150_000


@pytest.mark.parametrize(("end", "outside"), [
    ("2025-12-31", []), ("2026-01-05", [("2026-01-01", "2026-01-06", "projected")]),
])  # fmt: skip
def test_charts_shade_the_days_beyond_the_data(end, outside):
    text = TEXT.replace("2023-06-01", "2025-12-20").replace("2023-07-20", end)
    layout = drawn(CHARTS[0], [ran(text, 0)])["layout"]
    labels = [one["text"] for one in layout.get("annotations", ())]
    shaded = [(one["x0"], one["x1"]) for one in layout.get("shapes", ())]
    assert [(*days, label) for days, label in zip(shaded, labels, strict=True)] == outside
