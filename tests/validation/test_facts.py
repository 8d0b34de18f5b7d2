"""How facts and natural experiments are read from runs, and what is run for them."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from simulation.corridor import load_corridor
from simulation.engine.trials import Trial, fitted_ensemble
from simulation.report import facts as page_of_facts
from simulation.report.document import check_page
from simulation.report.facts import FACTS, NATURAL
from simulation.validation import fact_runs, facts, natural
from simulation.validation.fact_runs import (
    BASELINE,
    BREAK_UPS,
    HISTORY,
    PATROLS,
    SERIES,
    SQUEEZED,
    SUPPLY_RECORD,
    TRIPLED,
    FactSetting,
    Runs,
    scenario_names,
    scenario_of,
)
from simulation.validation.published import natural as natural_facts
from simulation.validation.published import published, settings, stylised
from simulation.validation.verdicts import Verdict, estimate_of

SETS, FIRST, LAST = 6, date(2021, 1, 1), date(2024, 12, 31)
COUNT = (LAST - FIRST).days + 1
WOBBLE = 1.0 + 0.01 * np.random.default_rng(1).standard_normal((SETS, 1))
LEGS = load_corridor().legs
HOLDS, FAILS, UNDECIDED = Verdict.HOLDS, Verdict.FAILS, Verdict.UNDECIDED


def runs(legs=None, fees: float = 1000.0, **series) -> Runs:
    """Runs in which all is even, but for series given as a level or a function of the date."""
    dates = [FIRST + timedelta(k) for k in range(COUNT)]
    values = {name: np.full((SETS, COUNT), 100.0) * WOBBLE for name in SERIES}
    for name, level in series.items():
        assert name in values
        values[name] = np.array([[level(day) if callable(level) else level for day in dates]])
        values[name] = values[name] * WOBBLE
    people = np.ones(len(LEGS)) if legs is None else np.asarray(legs, dtype=float)
    tables = dict.fromkeys((2023, 2024), people * WOBBLE)
    prices = dict.fromkeys((2023, 2024), np.full((SETS, len(LEGS)), fees))
    return Runs(FIRST, values, tables, tables, prices, persons=np.full(SETS, 6.0))


def runs_of_all(**changed: Runs) -> dict[str, Runs]:
    """Runs of every scenario, even but for those given."""
    return {name: runs() for name in scenario_names()} | changed


def verdicts(readings, fact: str, figures: str) -> set[Verdict]:
    of_fact = published()[fact].figures
    return {of_fact[name].judge(readings[name]) for name in figures.split()}


def test_every_figure_of_the_tables_is_read_and_no_other():
    read = facts.readings(runs_of_all())
    assert {key: list(figures) for key, figures in read.items()} == {
        key: list(fact.figures) for key, fact in published().items()
    }


JULY, DAYS = date(2022, 7, 5), 731
#: people on each leg, nearly all on one
ON_ONE = np.where(np.arange(len(LEGS)) == 0, 1000.0, 1.0)


def on_the_day(level: float):
    """A series with another value on the day of the raid of July."""
    return lambda day: level if day == JULY else 100.0


def dip(level: float):
    """A series that is lower in the weeks after that raid."""
    return lambda day: level if JULY < day < date(2022, 8, 10) else 100.0


PATROLLED = {"fees": 1200.0, "seat_price_eur": 150.0, "channel_arrivals": 90.0}
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
        # networks that heal are seen neither in arrivals nor in capacity
        (BREAK_UPS, {"launch_capacity": 99.0, "launch_capacity_arrested": 102.0},
         "break_ups", "arrivals weeks_missing", HOLDS),
        (BREAK_UPS, {"launch_capacity": 20.0, "launch_capacity_arrested": 101.0,
                     "channel_arrivals": 80.0}, "break_ups", "arrivals weeks_missing", FAILS),
        (BASELINE, CASES, "cases", "uk_disruptions joint_cell french_networks", HOLDS),
        (BASELINE, CASES, "seized", "a_month", HOLDS),
        (BASELINE, {"uk_cases": 0.0, "uk_case_arrests": 0.0}, "cases", "uk_disruptions", FAILS),
        # a stay is a stock over a flow
        (HISTORY, WAITING, "levels", "serbia_2022 coast_stay coast_stock", HOLDS),
        (HISTORY, WAITING, "levels", "serbia_2023", FAILS),
    ],
)  # fmt: skip
def test_a_fact_is_judged_by_what_its_runs_give(scenario, series, fact, figures, verdict):
    read = facts.READERS[fact](runs_of_all(**{scenario: runs(**series)}))
    assert verdicts({k: estimate_of(v) for k, v in read.items()}, fact, figures) == {verdict}


def test_all_staff_that_there_is_is_multiplied():
    corridor = load_corridor()
    staffed = sum(int((units > 0).sum()) for units in map(np.asarray, corridor.staff.values()))
    assert len(fact_runs.tripled_staff(3.0, date(2023, 1, 1))) == staffed
    base, event = (scenario_of(name) for name in (BASELINE, TRIPLED))
    assert event.staff[: len(base.staff)] == base.staff
    assert {lever.change for lever in event.staff[len(base.staff) :]} == {3.0}


def test_break_ups_are_spread_over_the_year_at_the_rate_that_was_counted():
    days = [raid.on for raid in scenario_of(BREAK_UPS).raid]
    assert len(set(days)) == 22
    assert {day.year for day in days} == {2024}
    assert {(later - day).days for day, later in pairwise(days)} == {14, 21}


def test_each_pair_covers_the_days_that_are_compared():
    base = scenario_of(BASELINE).run
    for name in (TRIPLED, PATROLS, SQUEEZED, BREAK_UPS):
        assert scenario_of(name).run == base
    for fact in natural_facts().values():
        event, without = (scenario_of(name).run for name in (fact.event, fact.without))
        assert (event.start, event.warm_up_days) == (without.start, without.warm_up_days)
        assert event.end <= without.end


def assumed(scenario: str, seed: int) -> dict[str, float]:
    setting = FactSetting(scale=0.02, days=1, assumptions="fitted")
    return setting.parameters(Trial(setting.case_of(scenario, seed), seed)).values()


def test_the_supply_of_each_set_is_halved():
    for seed in range(1, 30):
        squeezed, usual = (assumed(name, seed) for name in (SQUEEZED, BASELINE))
        assert squeezed[SUPPLY_RECORD] == settings().supply_factor * usual[SUPPLY_RECORD]
        assert {k for k in usual if usual[k] != squeezed[k]} == {SUPPLY_RECORD}


def test_facts_assume_what_a_comparison_of_the_same_seed_assumes():
    ensemble = fitted_ensemble()
    for seed in (1, 2, 3):
        assert ensemble.member(ensemble.number_of(seed)).items() <= assumed(BASELINE, seed).items()


@pytest.mark.parametrize(("options", "key"), [
    (["--sets", "0"], "--sets"), (["--workers", "0"], "--workers"),
    (["--scale", "0.001"], "--scale"), (["--document"], "marks are broken"),
])  # fmt: skip
def test_bad_options_are_refused_before_anything_runs(options, key, tmp_path, monkeypatch, capsys):
    page = tmp_path / "page.md"
    page.write_text(f"<!-- begin: {FACTS} -->\n<!-- begin: {NATURAL} -->\n", encoding="utf-8")
    monkeypatch.setattr(page_of_facts, "run_all", lambda *_: pytest.fail("it ran"))
    asked = [*options, *([str(page)] if options == ["--document"] else [])]
    monkeypatch.setattr("sys.argv", ["facts", *asked])
    with pytest.raises(SystemExit) as stopped:
        page_of_facts.main()
    assert stopped.value.code == 2
    assert key in capsys.readouterr().err


def test_the_command_writes_both_sections_and_leaves_the_rest(tmp_path, monkeypatch, capsys):
    page = tmp_path / "page.md"
    page.write_text("# Mine\n\nBefore.\n", encoding="utf-8")
    monkeypatch.setattr(page_of_facts, "run_all", lambda *_: runs_of_all())
    monkeypatch.setattr("sys.argv", ["facts", "--sets", "6", "--document", str(page)])
    page_of_facts.main()
    text = page.read_text(encoding="utf-8")
    assert text.startswith("# Mine\n\nBefore.\n")
    for key in (FACTS, NATURAL):
        check_page(page, key)
        assert f"<!-- begin: {key} -->" in text
    assert f"Medians over {SETS} sets" in text
    assert "unforced figures" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.full
def test_the_command_runs_every_scenario_at_a_tiny_size(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["facts", "--sets", "1", "--scale", "0.02", "--workers", "2"])
    page_of_facts.main()
    out = capsys.readouterr().out
    for fact in published().values():
        assert fact.title in out
    assert "0 hold, 0 do not hold" in out  # one set decides nothing


def after(day: date, factor: float):
    """A series that changes by a factor on a day."""
    return lambda today: 100.0 * (factor if today >= day else 1.0)


OPERATION, YEAR = date(2023, 10, 28), date(2023, 1, 1)


def albanians(before: date, late_2022: float):
    """Arrivals that fall on a day, and again with the next year."""
    return lambda day: 100.0 if day < before else late_2022 if day.year == 2022 else 5.0


ARRESTED = {"smugglers_arrested": on_the_day(500.0)}


@pytest.mark.parametrize(("key", "series", "verdict"), [
    # the operation empties the fence and not the Channel
    ("serbian_operation",
     {"serbia_hungary": after(OPERATION, 0.1), "bosnia_croatia": after(OPERATION, 3.0),
      "channel_arrivals": after(OPERATION, 1.05)},
     {"serbia_hungary": HOLDS, "bosnia_croatia": HOLDS, "arrivals": HOLDS}),
    ("serbian_operation", {}, {"serbia_hungary": FAILS, "bosnia_croatia": FAILS}),
    ("serbian_operation", {"channel_arrivals": after(OPERATION, 0.8)}, {"arrivals": FAILS}),
    ("serbian_visas", {}, {"arrivals": HOLDS}),
    ("serbian_visas", {"channel_arrivals": after(YEAR, 0.9)}, {"arrivals": FAILS}),
    # a fall before the agreement is not its doing
    ("albanian_returns", {"albanian_arrivals": albanians(date(2022, 10, 1), 10.0)},
     {"before": HOLDS}),
    ("albanian_returns", {"albanian_arrivals": albanians(YEAR, 100.0)}, {"before": FAILS}),
    # a business breaks when it makes a loss
    ("coast", {"boat_profit": -20.0}, {"boat_profit": HOLDS}),
    ("coast", {"boat_profit": 150.0}, {"boat_profit": FAILS}),
    ("raid_july_2022", ARRESTED, {"dip": HOLDS}),
    ("raid_july_2022", {**ARRESTED, "channel_arrivals": dip(70.0)}, {"dip": FAILS}),
    # whoever is taken, even if others then catch fewer
    ("raid_july_2022", {"smugglers_arrested": on_the_day(99.0),
                        "launch_capacity_arrested": on_the_day(110.0)}, {"dip": HOLDS}),
    # a raid that catches nobody tests nothing
    ("raid_july_2022", {"channel_arrivals": dip(70.0)}, {"dip": UNDECIDED}),
    ("raid_july_2022",
     {"smugglers_arrested": lambda day: 500.0 if day == date(2022, 9, 5) else 100.0},
     {"dip": UNDECIDED}),
])  # fmt: skip
def test_an_event_is_held_to_what_was_seen_of_it(key, series, verdict):
    read = natural.READERS[key](runs(**series), runs())
    figures = published()[key].figures
    assert {name: figures[name].judge(read[name]) for name in verdict} == verdict


def test_what_a_raid_takes_is_read_on_its_day():
    event = runs(
        launch_capacity_arrested=on_the_day(110.0), boats_seized_upstream=on_the_day(250.0)
    )
    read = natural.READERS["raid_july_2022"](event, runs())
    assert read["capacity"].median == pytest.approx(10.0, rel=0.05)
    assert read["boats"].median == pytest.approx(150.0, rel=0.05)


PAGE = Path(__file__).parents[2] / "docs" / "validation.md"


def page_rows() -> list[list[str]]:
    """The cells of every row of the two sections of the page."""
    text = PAGE.read_text(encoding="utf-8")
    parts = [
        text.split(f"<!-- begin: {key} -->")[1].split("<!-- end")[0] for key in (NATURAL, FACTS)
    ]
    lines = [line for part in parts for line in part.splitlines() if line.startswith("| ")]
    cells = [[cell.strip().strip("*") for cell in line.strip("|").split("|")] for line in lines]
    return [line for line in cells if line[0] != "what"]


FIGURES = [
    (key, figure)
    for key, fact in ({**natural_facts(), **stylised()}).items()
    for figure in fact.figures.values()
]


def test_the_page_has_every_figure_with_the_band_of_the_table():
    shown = [(row[0], row[2], row[4]) for row in page_rows()]
    assert shown == [(figure.what, figure.band, figure.evidence) for _, figure in FIGURES]


@pytest.mark.slow
@pytest.mark.full
def test_no_verdict_of_the_page_has_turned():
    """With half the sets of the page: less may be decided, and nothing the other way."""
    read = facts.readings(fact_runs.run_all(scenario_names(), facts.SETS // 2, facts.SCALE, 2))
    now = [str(figure.judge(read[key][figure.key])) for key, figure in FIGURES]
    then = [row[-1].split("* (")[0] for row in page_rows()]
    turned = [
        figure.what
        for (_, figure), one, other in zip(FIGURES, now, then, strict=True)
        if {one, other} == {str(HOLDS), str(FAILS)}
    ]
    assert turned == []
