"""How facts and natural experiments are read from runs, and that the page says what they give."""

from __future__ import annotations

import math
import tomllib
from dataclasses import fields
from datetime import date, timedelta
from functools import partial
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from simulation.corridor import load_corridor
from simulation.experiments.engine.observed_run import InsideSeries
from simulation.parameters import load_parameters
from simulation.report import markdown
from simulation.report.document import FACTS, NATURAL, facts_section, natural_section
from simulation.scenario import load_scenario
from simulation.validation import facts, natural
from simulation.validation.facts import (
    BASELINE,
    BREAK_UPS,
    COAST,
    HISTORY,
    JULY_RAID,
    NAMES,
    PATROLS,
    RAIDS_2024,
    SQUEEZED,
    TRIPLED,
    Runs,
)
from simulation.validation.natural import EXPERIMENTS, Days
from simulation.validation.published import (
    PublishedEstimate,
    PublishedFigure,
    Verdict,
    change,
    mean_of,
    parse,
    published,
)

PAGE = Path(__file__).parents[2] / "docs" / "validation.md"
RUNS, FIRST, LAST = 4, date(2021, 1, 1), date(2024, 12, 31)
COUNT = (LAST - FIRST).days + 1
WOBBLE = 1.0 + 0.01 * np.random.default_rng(1).standard_normal((RUNS, 1))
LEGS = load_corridor().legs
_GROUND = (
    "stops_turkey_bulgaria", "stops_serbia_hungary", "attempts_croatia_slovenia",
    "came_to_serbia", "set_outs_uk", "present_serbia", "present_coast",
)  # fmt: skip


def days_of(names=None, **series) -> Days:
    """Runs in which all is even, but for series given as a level or a function of the date."""
    every = {*natural._DAILY, *natural._BORDERS, "albanian_arrivals", "visa_free_entries"}
    dates = [FIRST + timedelta(k) for k in range(COUNT)]
    values = {name: np.full((RUNS, COUNT), 100.0) * WOBBLE for name in names or every}
    for name, level in series.items():
        assert name in values
        row = [level(day) if callable(level) else level for day in dates]
        values[name] = np.array([row]) * WOBBLE
    return Days(FIRST, values)


def runs(legs=None, fees: float = 1000.0, **series) -> Runs:
    """Runs of a fact, even but for some series, what passes each leg, and fees."""
    names = {*facts._OUTCOMES, *_GROUND, *(f.name for f in fields(InsideSeries))}
    people = np.ones(len(LEGS)) if legs is None else np.asarray(legs, dtype=float)
    tables = dict.fromkeys((2023, 2024), people * WOBBLE)
    prices = dict.fromkeys((2023, 2024), np.full((RUNS, len(LEGS)), fees))
    return Runs(days_of(names, **series), tables, tables, prices)


def found(**changed: Runs) -> dict[str, Runs]:
    """Runs of every scenario, even but for those given."""
    return {name: runs() for name in NAMES} | changed


def said_of(case: dict[str, Runs]) -> list[str]:
    """The verdict on every figure, in the order of the page."""
    given, facts_of = facts.readings(case), published()[1].items()
    return [
        str(f.judge(given[key][name])) for key, fact in facts_of for name, f in fact.figures.items()
    ]


def test_every_figure_of_the_table_is_read_and_no_other():
    case = found()
    assert list(facts.READERS) == list(published()[1])
    for key, fact in published()[1].items():
        assert list(facts.READERS[key](case)) == list(fact.figures)


JULY, DAYS = date(2022, 7, 5), 731
HOLDS, FAILS = Verdict.HOLDS, Verdict.FAILS
#: people on each leg, nearly all on one
ON_ONE = np.where(np.arange(len(LEGS)) == 0, 1000.0, 1.0)


def on_the_day(level: float):
    """A series with another value on the day of the raid of July."""
    return lambda day: level if day == JULY else 100.0


def dip(level: float):
    """A series that is lower in the weeks after that raid."""
    return lambda day: level if JULY < day < date(2022, 8, 10) else 100.0


PATROLLED = {"fees": 1200.0, "seat_price_eur": 150.0, "channel_arrivals": 90.0}
RAIDED = {"launch_capacity_arrested": on_the_day(110.0), "boats_seized_upstream": on_the_day(250.0)}
CASES = {
    "uk_cases": 8.0, "uk_case_arrests": 40.0 / DAYS, "channel_case_arrests": 60.0 / DAYS,
    "french_case_arrests": 110.0 / DAYS, "boats_seized_upstream": 360.0 / DAYS,
}  # fmt: skip
WAITING = {"present_serbia": 1600.0, "present_coast": 1900.0}


@pytest.mark.parametrize(
    ("scenario", "series", "fact", "figures", "verdict"),
    [
        (TRIPLED, {"fees": 1200.0, "seat_price_eur": 120.0, "channel_arrivals": 90.0},
         "enforcement", "seat_price way_price uk_arrivals", HOLDS),
        (TRIPLED, {"seat_price_eur": 101.0, "channel_arrivals": 20.0},
         "enforcement", "seat_price way_price uk_arrivals", FAILS),
        # patrols alone are judged by their own runs
        (PATROLS, PATROLLED, "patrols", "seat_price", FAILS),
        (PATROLS, PATROLLED, "patrols", "way_price", HOLDS),
        (PATROLS, PATROLLED, "enforcement", "way_price", FAILS),
        (BASELINE, {"legs": ON_ONE}, "routes", "legs", HOLDS),
        (TRIPLED, {"legs": ON_ONE}, "routes", "legs", FAILS),
        # scarce boats are dear and full
        (SQUEEZED, {"seat_price_eur": 140.0, "channel_boats": 60.0, "channel_arrivals": 80.0},
         "supply", "seat_price load less_than_boats", HOLDS),
        (SQUEEZED, {"channel_arrivals": 60.0, "channel_boats": 80.0},
         "supply", "seat_price load less_than_boats", FAILS),
        # a business breaks when it makes a loss
        (COAST, {"boat_profit": -20.0}, "coast", "boat_profit", HOLDS),
        (COAST, {"boat_profit": 150.0}, "coast", "boat_profit", FAILS),
        # networks that heal are seen neither in arrivals nor in capacity
        (BREAK_UPS, {"launch_capacity": 99.0, "launch_capacity_arrested": 102.0},
         "break_ups", "arrivals weeks_missing", HOLDS),
        (BREAK_UPS, {"launch_capacity": 20.0, "launch_capacity_arrested": 101.0,
                     "channel_arrivals": 80.0}, "break_ups", "arrivals weeks_missing", FAILS),
        # a raid is read on its day and in the weeks after
        (JULY_RAID, RAIDED, "raids", "july_share july_boats july_dip", HOLDS),
        (JULY_RAID, RAIDED, "raids", "february_boats", FAILS),
        (JULY_RAID, {"channel_arrivals": dip(70.0)}, "raids", "july_dip", FAILS),
        (BASELINE, CASES, "cases", "uk_live uk_disruptions joint_cell french_networks", HOLDS),
        (BASELINE, CASES, "seized", "a_month", HOLDS),
        (BASELINE, {"uk_cases": 0.0, "uk_case_arrests": 0.0}, "cases", "uk_live uk_disruptions",
         FAILS),
        # a stay is a stock over a flow
        (HISTORY, WAITING, "levels", "serbia_2022 coast_stay coast_stock", HOLDS),
        (HISTORY, WAITING, "levels", "serbia_2023", FAILS),
    ],
)  # fmt: skip
def test_a_fact_is_judged_by_what_its_runs_give(scenario, series, fact, figures, verdict):
    given = facts.READERS[fact](found(**{scenario: runs(**series)}))
    of_fact = published()[1][fact].figures
    assert {of_fact[name].judge(given[name]) for name in figures.split()} == {verdict}


def test_fees_count_before_the_channel_by_who_set_out():
    prices, people = np.zeros((1, len(LEGS))), np.zeros((1, len(LEGS)))
    road = next(n for n, leg in enumerate(LEGS) if leg.stage == "south")
    boat = next(n for n, leg in enumerate(LEGS) if leg.stage == "channel")
    prices[0, [road, boat]], people[0, [road, boat]] = 50.0, 2.0
    assert facts.way_price(prices, people).tolist() == [100.0]


def test_the_busiest_legs_are_the_fewest_that_carry_the_share():
    people = np.array([[80.0, 10.0, 5.0, 5.0], [25.0, 25.0, 25.0, 25.0]])
    assert facts.busiest_legs(people, 0.9).tolist() == [2.0, 4.0]


def test_capacity_stays_away_for_as_long_as_it_is_missing():
    without, event, taken = np.full((1, 70), 50.0), np.full((1, 70), 50.0), np.zeros((1, 70))
    taken[0, 10], event[0, 10:31] = 5.0, 45.0  # five launches a day for three weeks
    assert facts.weeks_missing(without, event, taken).mean == pytest.approx(3.0)


def test_all_staff_that_there_is_is_multiplied():
    corridor = load_corridor()
    levers = facts.tripled_staff(3.0, date(2023, 1, 1))
    staffed = sum(int((units > 0).sum()) for units in map(np.asarray, corridor.staff.values()))
    assert len(levers) == staffed
    base, event = (facts.scenario_of(name) for name in (BASELINE, TRIPLED))
    assert event.staff[: len(base.staff)] == base.staff
    assert {lever.change for lever in event.staff[len(base.staff) :]} == {3.0}


def test_nobody_who_investigates_is_multiplied_with_patrols():
    base, event, every = (facts.scenario_of(name) for name in (BASELINE, PATROLS, TRIPLED))
    laid = event.staff[len(base.staff) :]
    assert {lever.kind for lever in laid} == {"border_patrol", "checkpoint", "coast_patrol"}
    others = [lever for lever in every.staff[len(base.staff) :] if lever not in laid]
    assert {lever.kind for lever in others} == {"investigation", "analysis"}


def test_break_ups_are_spread_over_the_year_at_the_rate_that_was_counted():
    raids = facts.scenario_of(BREAK_UPS).raid
    days = [raid.on for raid in raids]
    assert len(set(days)) == 22
    assert {day.year for day in days} == {2024}
    gaps = np.diff([day.toordinal() for day in days])
    assert set(gaps.tolist()) == {14, 21}


def test_each_pair_covers_the_same_days():
    base, history = (facts.scenario_of(name) for name in (BASELINE, HISTORY))
    assert facts.scenario_of(JULY_RAID).run == history.run
    for name in (TRIPLED, PATROLS, SQUEEZED, COAST, BREAK_UPS, RAIDS_2024):
        assert facts.scenario_of(name).run == base.run


def test_supply_is_halved_in_the_scenario():
    (value,) = facts.scenario_of(SQUEEZED).parameters.values()
    assert value == 0.5 * load_parameters().supply.boats_per_supplier_week


def test_a_run_leaves_every_series():
    made = facts.run_all([BASELINE], [3], 0.02, 1)[BASELINE]
    days = made.days
    first, last = date(2023, 1, 1), date(2023, 9, 30)
    for name in _GROUND:
        assert days.total(name, first, last)[0] > 0.0
    assert made.arrivals[2024].shape == (1, len(LEGS))
    assert 0.0 < made.arrivals[2023].sum() < made.departures[2023].sum()
    assert made.fees[2023].max() > 0.0


@pytest.mark.parametrize("module", [facts, natural], ids=["facts", "natural"])
@pytest.mark.parametrize(("options", "key"), [
    (["--seeds", "0"], "--seeds"), (["--workers", "0"], "--workers"),
    (["--scale", "0.001"], "--scale"), (["--document"], "marks are broken"),
])  # fmt: skip
def test_bad_options_are_refused_before_anything_runs(
    module, options, key, tmp_path, monkeypatch, capsys
):
    page = tmp_path / "page.md"
    page.write_text(f"<!-- begin: {FACTS} -->\n<!-- begin: {NATURAL} -->\n", encoding="utf-8")
    monkeypatch.setattr(module, "run_all", lambda *_: pytest.fail("it ran"))
    asked = [*options, *([str(page)] if options == ["--document"] else [])]
    monkeypatch.setattr("sys.argv", [module.__name__, *asked])
    with pytest.raises(SystemExit) as stopped:
        module.main()
    assert stopped.value.code == 2
    assert key in capsys.readouterr().err


def section() -> str:
    """The section of the page."""
    text = PAGE.read_text(encoding="utf-8")
    begin = text.split(f"<!-- begin: {FACTS} -->")[1]
    return begin.split(f"<!-- end: {FACTS} -->")[0]


def rows(text: str) -> list[list[str]]:
    """What, found, band, evidence and verdict of every row of the tables."""
    lines = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("| ")]
    cells = [[cell.strip().strip("*") for cell in line] for line in lines]
    return [line for line in cells if line[0] != "what"]


def test_the_page_has_every_figure_with_the_band_of_the_table():
    told = [(what, band, evidence) for what, _, band, evidence, _ in rows(section())]
    figures = [figure for fact in published()[1].values() for figure in fact.figures.values()]
    asked = [(figure.what, figure.band, figure.evidence) for figure in figures]
    assert told == asked


def test_a_page_shows_its_misses():
    case = found(**{TRIPLED: runs(seat_price_eur=50.0)})
    text = markdown.sections([facts_section(facts.readings(case), RUNS, 0.3, [])])
    assert f"**{Verdict.FAILS}**" in text
    assert [row[-1] for row in rows(text)] == said_of(case)


@pytest.mark.full
def test_the_verdicts_of_the_page_are_those_of_the_model():
    """With half the seeds of the page: less may be decided, and nothing the other way."""
    made = facts.run_all(NAMES, range(1, facts.SEEDS // 2 + 1), facts.SCALE, 2)
    now = said_of(made)
    told = [(row[0], row[-1]) for row in rows(section())]
    assert len(told) == len(now)
    opposite = {str(Verdict.HOLDS), str(Verdict.FAILS)}
    changed = [what for (what, then), one in zip(told, now, strict=True) if {then, one} == opposite]
    assert changed == []
    undecided = sum(one == Verdict.UNDECIDED for one in now)
    assert undecided <= len(now) / 3


BAND = PublishedFigure("price", "Price", "%", low=10.0, high=35.0)
RISE = PublishedFigure("legs", "Legs", "legs", low=0.0, strict=True)
FALL = PublishedFigure("profit", "Profit", "%", high=-50.0, strict=True)


@pytest.mark.parametrize(("figure", "low", "high", "verdict"), [
    (BAND, 12.0, 30.0, Verdict.HOLDS), (BAND, 10.0, 35.0, Verdict.HOLDS),
    (BAND, 2.0, 9.0, Verdict.FAILS), (BAND, 36.0, 50.0, Verdict.FAILS),
    (BAND, 8.0, 12.0, Verdict.UNDECIDED), (BAND, 0.0, 60.0, Verdict.UNDECIDED),
    (BAND, math.nan, math.nan, Verdict.UNDECIDED), (RISE, 0.1, 3.0, Verdict.HOLDS),
    (RISE, 0.0, 0.0, Verdict.FAILS), (RISE, -3.0, 0.0, Verdict.FAILS),
    (RISE, -1.0, 1.0, Verdict.UNDECIDED), (FALL, -130.0, -51.0, Verdict.HOLDS),
    (FALL, -50.0, -20.0, Verdict.FAILS), (FALL, -60.0, -40.0, Verdict.UNDECIDED),
])  # fmt: skip
def test_a_result_is_held_to_its_band_with_its_whole_interval(figure, low, high, verdict):
    assert figure.judge(PublishedEstimate((low + high) / 2.0, low, high)) is verdict


def test_a_figure_without_a_band_is_only_reported():
    figure = PublishedFigure("boats", "Boats", "boats")
    assert figure.judge(PublishedEstimate(3.0, 2.0, 4.0)) is Verdict.REPORTED
    assert figure.band == ""


def test_bands_and_results_are_shown_with_their_signs_and_units():
    assert BAND.band == "+10% to +35%"
    assert RISE.band == "above 0"
    assert PublishedFigure("a", "A", "boats", low=1000.0).band == "1,000 or more"
    assert BAND.shown(PublishedEstimate(-12.34, -20.0, -4.0)) == "-12.3% (-20% to -4%)"
    assert (
        PublishedFigure("a", "A", "share").shown(PublishedEstimate(40.25, 39.0, 41.5))
        == "40.2% (39% to 41.5%)"
    )
    assert BAND.shown(PublishedEstimate(0.01, math.nan, math.nan)) == "0%"
    assert BAND.shown(PublishedEstimate(math.nan, math.nan, math.nan)) == "no value"


def test_the_interval_is_that_of_a_mean_over_seeds():
    values = np.array([9.0, 10.0, 11.0, 10.0, 9.5, 10.5])
    found = mean_of(values)
    half = 2.015 * values.std(ddof=1) / np.sqrt(6)  # Student's t with five degrees of freedom
    assert found.mean == pytest.approx(10.0)
    assert found.low == pytest.approx(10.0 - half, rel=1e-3)
    assert found.high == pytest.approx(10.0 + half, rel=1e-3)
    assert mean_of(np.zeros(4)) == PublishedEstimate(0.0, 0.0, 0.0)
    assert math.isnan(mean_of(np.array([1.0, 2.0])).low)


def test_a_change_may_go_below_a_loss_of_everything():
    without = np.array([100.0, 110.0, 90.0, 105.0])
    found = change(without, -0.5 * without + np.array([1.0, -1.0, 0.5, -0.5]))
    assert found.mean == pytest.approx(-150.0)
    assert -152.0 < found.low < -150.0 < found.high < -148.0
    half = change(without, 0.5 * without)
    assert (half.mean, half.low, half.high) == pytest.approx((-50.0, -50.0, -50.0), abs=0.001)


def test_there_is_no_change_of_nothing():
    found = change(np.zeros(4), np.ones(4))
    assert math.isnan(found.mean)
    assert BAND.judge(found) is Verdict.UNDECIDED


def test_every_fact_has_a_source_a_label_and_something_to_judge():
    settings, facts = published()
    assert settings.staff_factor == 3.0
    for fact in facts.values():
        assert fact.source
        assert fact.title
        judged = [figure for figure in fact.figures.values() if figure.band]
        assert judged
        for figure in judged:
            assert set(figure.trust.split(", ")) <= {"P", "S", "N", "D"}


def test_a_visible_fall_is_the_same_here_and_in_the_natural_experiments():
    _, facts = published()
    assert facts["break_ups"].figures["arrivals"].low == -natural._VISIBLE


def test_a_table_that_contradicts_itself_is_refused():
    text = files("simulation.validation").joinpath("facts.toml").read_text(encoding="utf-8")
    twice = tomllib.loads(text)
    twice["fact"].append(twice["fact"][0])
    with pytest.raises(ValueError, match="given twice"):
        parse(twice)
    upside_down = tomllib.loads(text)
    upside_down["fact"][0]["figure"][0] |= {"low": 2.0, "high": 1.0}
    with pytest.raises(ValueError, match="ends before it begins"):
        parse(upside_down)
    nameless = tomllib.loads(text)
    nameless["fact"][0]["trust"] = ""
    with pytest.raises(ValueError, match="label of trust"):
        parse(nameless)


def after(day: date, factor: float):
    """A series that changes by a factor on a day."""
    return lambda today: 100.0 * (factor if today >= day else 1.0)


OPERATION, YEAR = date(2023, 10, 28), date(2023, 1, 1)


def albanians(before: date, late_2022: float):
    """Arrivals that fall on a day, and again with the next year."""
    return lambda day: 100.0 if day < before else late_2022 if day.year == 2022 else 5.0


@pytest.mark.parametrize(
    ("read", "series", "held"),
    [
        # the operation empties the fence and not the Channel
        (natural.serbian_operation,
         {"serbia_hungary": after(OPERATION, 0.1), "bosnia_croatia": after(OPERATION, 3.0),
          "channel_arrivals": after(OPERATION, 1.05)}, [True, True, None, True]),
        (natural.serbian_operation, {}, [False, False, None, True]),
        (natural.serbian_operation, {"channel_arrivals": after(OPERATION, 0.8)},
         [False, False, None, False]),
        # visas are judged by their third month
        (natural.serbian_visas,
         {"visa_free_entries": after(date(2023, 2, 20), 0.05), "wb_detections": after(YEAR, 0.9)},
         [True, True, True]),
        (natural.serbian_visas,
         {"visa_free_entries": after(date(2023, 3, 20), 0.05), "wb_detections": after(YEAR, 0.7),
          "channel_arrivals": after(YEAR, 0.9)}, [False, False, False]),
        # a fall before the agreement is not its doing
        (natural.albanian_returns, {"albanian_arrivals": albanians(date(2022, 10, 1), 10.0)},
         [True, True, None]),
        (natural.albanian_returns, {"albanian_arrivals": albanians(YEAR, 100.0)},
         [True, False, None]),
        # a raid that catches nobody tests nothing
        (partial(natural.raid, on=JULY), {"smugglers_arrested": on_the_day(500.0)},
         [None, True, None]),
        (partial(natural.raid, on=date(2022, 9, 5)), {"smugglers_arrested": on_the_day(500.0)},
         [None, None, None]),
        (partial(natural.raid, on=JULY),
         {"smugglers_arrested": on_the_day(500.0), "channel_arrivals": dip(80.0)},
         [None, False, None]),
    ],
)  # fmt: skip
def test_an_event_is_held_to_what_was_seen_of_it(read, series, held):
    assert [one.holds for one in read(days_of(**series), days_of())] == held


def test_a_window_outside_the_run_is_an_error():
    with pytest.raises(ValueError, match="does not lie in the run"):
        days_of().total("channel_arrivals", date(2020, 12, 31), date(2021, 1, 5))


def test_the_page_says_what_fails():
    names = {name for one in EXPERIMENTS for name in (one.event, one.without)}
    readings = natural.readings({name: days_of() for name in names})
    text = markdown.sections([natural_section(readings, 4, 0.3)])
    failing = [one for _, lines in readings for one in lines if one.holds is False]
    assert text.count("**fail**") == len(failing) > 0
    assert all(f"### {one.title}" in text for one in EXPERIMENTS)
    for name in names:
        load_scenario(name)


def test_runs_have_every_series():
    found = natural.run_all(["french-coast-2024"], [3], 0.02, 1)["french-coast-2024"]
    scenario = load_scenario("french-coast-2024")
    assert found.first == scenario.run.start
    length = (scenario.run.end - scenario.run.start).days + 1
    assert {values.shape for values in found.series.values()} == {(1, length)}
    assert found.total("serbia_hungary", date(2023, 1, 1), date(2023, 9, 30))[0] > 0
    assert found.total("visa_free_entries", date(2023, 1, 1), date(2023, 9, 30))[0] > 0


def parts_of_the_page() -> list[str]:
    """Parts of the page that tell of natural experiments, each from its title on."""
    page = PAGE.read_text(encoding="utf-8")
    parts = [part.split("<!-- end")[0] for part in page.split("\n### ")]
    titles = {experiment.title for experiment in EXPERIMENTS}
    return [part for part in parts if part.splitlines()[0] in titles]


def told_to_fail() -> set[str]:
    return {part.splitlines()[0] for part in parts_of_the_page() if "**fail**" in part}


@pytest.mark.full
def test_the_page_tells_of_all_that_is_missed():
    """What really happened and the model does not give is said, and nothing more is missed."""
    names = list(dict.fromkeys(n for e in EXPERIMENTS for n in (e.event, e.without)))
    found = natural.run_all(names, range(1, 6), 0.3, 2)
    missed = {
        experiment.title
        for experiment, readings in natural.readings(found)
        for one in readings
        if one.holds is False
    }
    assert missed <= told_to_fail()


def test_what_really_happened_is_given():
    """The page is what the experiments gave when they were last run at full length."""
    assert len([part for part in parts_of_the_page() if "| pass |" in part]) >= 4
    assert not told_to_fail()
