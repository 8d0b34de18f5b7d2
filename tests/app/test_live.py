"""A run that is shown while it goes on: it is the run of the command line, a day at a time."""

from __future__ import annotations

import json

import numpy as np
import pytest

from simulation.app.charts import CHARTS, WEEK, as_csv, drawn, weeks_over
from simulation.app.details import LEG, PLACE, Picked, details
from simulation.app.ground import CORRIDOR, STRAIT, ground_text
from simulation.app.live import UNUSED, LiveRun
from simulation.corridor import load_corridor
from simulation.corridor.stages import SUPPLY
from simulation.model.agents.smuggler import Status
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
    both[0].share_with(both[1])
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


def test_two_runs_hold_once_what_never_changes_of_the_same_people(runs):
    one, other = (run.world.migrants for run in runs)
    shared = {name for name in one._fields if getattr(one, name) is getattr(other, name)}
    assert shared == {"uid", "entry_day", "origin", "risk_aversion"}
    assert not np.array_equal(one.place, other.place)
    fewer = LiveRun(parse_scenario(TEXT), seed=3, scale=SCALE / 2)
    runs[0].share_with(fewer)
    assert fewer.world.migrants.uid is not one.uid


def test_a_day_looks_the_same_later(runs):
    assert ran(TEXT, 40).frame(39, layer=True) == runs[0].frame(39, layer=True)


def test_a_frame_is_small_and_says_what_happened(runs):
    run = runs[0]
    frame = run.frame(run.over - 1, layer=True)
    assert len(json.dumps(frame, separators=(",", ":"))) < 5_000
    ledger = run.world.ledger
    went = ledger.departures[run.over - WEEK : run.over].sum(axis=0)
    assert [code == UNUSED for code in frame["legs"]] == (went == 0).tolist()
    assert max(frame["legs"]) < 25
    posted = run.world.units.leg >= 0
    assert sum(frame["units"]) == pytest.approx(
        10 * run.world.units.strength[posted].sum(), rel=0.02
    )
    s = run.world.smugglers
    working = (s.status != Status.RETIRED) & (s.stage != SUPPLY)
    assert sum(frame["active"]) + sum(frame["out"]) == working.sum()


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
        if not spec.two:
            assert all(not s["y"] or "x" in s for s in drawn(spec, [run])["data"])
    assert as_csv(CHARTS[0], [run]).splitlines() == [
        "date,baseline_channel_arrivals,baseline_channel_boats"
    ]


@pytest.mark.parametrize("spec", CHARTS, ids=lambda spec: spec.key)
def test_every_chart_grows_by_week_and_is_small(spec, runs):
    chart = drawn(spec, runs)
    assert len(json.dumps(chart)) < 10_000
    weeks = weeks_over(runs[0])
    assert weeks == 7
    lines = [one for one in chart["data"] if "x" not in one]
    assert lines
    assert all(len(one["y"]) == weeks for one in lines)
    text = as_csv(spec, runs).splitlines()
    assert len(text) == 51
    assert text[1].startswith("2023-06-01,")
    assert all("baseline_" in name or "whatif_" in name for name in text[0].split(",")[1:])


def test_arrivals_have_the_observed_months_drawn_in(runs):
    chart = drawn(CHARTS[0], runs)
    observed = next(one for one in chart["data"] if "x" in one)
    assert len(observed["x"]) == 2  # the middles of June and July
    assert observed["y"][0] == pytest.approx(3823 / 30 * 7, rel=0.01)


def test_the_difference_is_that_of_the_outcomes(runs):
    chart = drawn(CHARTS[1], runs)
    whole = 7 * WEEK
    expected = (
        runs[1].daily()["channel_arrivals"][:whole].sum()
        - runs[0].daily()["channel_arrivals"][:whole].sum()
    )
    assert chart["data"][0]["y"][-1] == pytest.approx(expected, abs=1)


def test_what_is_clicked_has_its_figures_and_the_authorities_picture(runs):
    corridor = load_corridor()
    place = next(n for n, p in enumerate(corridor.places) if p.id == "calais")
    figures = details(Picked(PLACE, place), runs)
    assert figures.title.startswith("Calais")
    own, believed = (group["rows"] for group in figures.groups)
    assert all(len(row) == 3 for row in (*own, *believed))
    at_end = runs[0].frame(runs[0].over - 1)["places"][place]
    assert own[0][1] == f"{at_end:,}"
    shown = runs[0].frame(runs[0].over - 1, layer=True)
    assert [row[1] for row in own[3:]] == [
        str(shown["active"][place]), str(shown["out"][place])
    ]  # fmt: skip
    leg = next(n for n, one in enumerate(corridor.legs) if one.id == "subotica>szeged:foot")
    own, believed = (group["rows"] for group in details(Picked(LEG, leg), runs).groups)
    assert [row[0] for row in believed] == [
        "What happens: people a day",
        "What Serbia expects: people a day",
        "What Hungary expects: people a day",
    ]
    went = runs[0].world.ledger.departures[-28:, leg].mean() / SCALE
    assert own[0][1] == f"{went:,.1f}"
    expected = runs[0].world.beliefs.activity[corridor.authority_index["HU"], leg]
    assert believed[2][1] == f"{expected:,.1f}"


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
    for spec in CHARTS:
        if not spec.two:
            layout = drawn(spec, [ran(text, 0)])["layout"]
            labels = [one["text"] for one in layout.get("annotations", ())]
            shaded = [(one["x0"], one["x1"]) for one in layout.get("shapes", ())]
            assert [(*days, label) for days, label in zip(shaded, labels, strict=True)] == outside
