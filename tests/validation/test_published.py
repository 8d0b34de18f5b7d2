"""The tables of facts: each has its source and its way to fail, and no evidence counts twice."""

from __future__ import annotations

import csv
import tomllib
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.corridor.tables import DATA
from simulation.parameters import load_parameters
from simulation.report import markdown
from simulation.report.facts import FACTS, NATURAL, fact_sections
from simulation.scenario import load_scenario
from simulation.validation.published import (
    Standing,
    natural,
    parse,
    published,
    settings,
    standings,
    stylised,
    tally,
)
from simulation.validation.verdicts import Verdict, estimate_of

FIGURES = {
    (key, name): figure
    for key, fact in published().items()
    for name, figure in fact.figures.items()
}
JUDGED = {both: figure for both, figure in FIGURES.items() if figure.judged}
GIVEN = {both: figure for both, figure in JUDGED.items() if figure.given}


def readings(value=1.0) -> dict[str, dict]:
    """An estimate of every figure, the same in nine sets unless given by figure."""
    of = value if callable(value) else lambda _: value
    return {
        key: {name: estimate_of([of(figure)] * 9) for name, figure in fact.figures.items()}
        for key, fact in published().items()
    }


def middle(figure) -> float:
    """A value inside the band."""
    low = figure.low if figure.low is not None else (figure.high or 0.0) - 10.0
    high = figure.high if figure.high is not None else low + 10.0
    return (low + high) / 2.0


def test_no_figure_is_in_two_tables_and_every_judged_one_has_a_source_and_a_label():
    assert settings().staff_factor == 3.0
    assert not stylised().keys() & natural().keys()
    assert all(fact.source and fact.title for fact in published().values())
    for figure in JUDGED.values():
        assert set(figure.trust.split(", ")) <= {"P", "S", "N", "D"}


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans(), st.booleans()), max_size=12))
def test_each_line_counts_once_whatever_the_table(lines):
    figures = [
        {"key": f"f{n}", "what": "", "unit": "%", "trust": "P", "low": 1.0, "line": line}
        | ({"given": {"table": "staff.csv"}} if fixed else {})
        | ({"fitted": "hungary_stops"} if fitted else {})
        for n, (line, fixed, fitted) in enumerate(lines)
    ]
    facts = parse({"fact": [{"key": "k", "title": "", "run": "", "figure": figures}]})
    counts = tally(facts, {"k": {one["key"]: estimate_of([2.0] * 9) for one in figures}})
    free = [line for line, fixed, _ in lines if not fixed]
    assert counts.unforced.total() + counts.fitted.total() == len(set(free))
    assert counts.repeated == len(free) - len(set(free))
    assert counts.given == len(lines) - len(free)


@pytest.mark.parametrize("both", GIVEN, ids=".".join)
def test_what_is_given_names_an_input_of_its_own_scenario(both):
    fixed, fact = GIVEN[both].given, published()[both[0]]
    if fixed.table:
        assert (DATA / fixed.table).is_file()
        return
    section, field = fixed.lever.split(".")
    levers = getattr(load_scenario(fixed.scenario), section)
    assert any(getattr(lever, field) is not None for lever in levers)
    assert fixed.scenario in (fact.event, fact.without)


def test_what_is_given_lies_in_its_band_before_anything_is_run():
    raids = {name: load_scenario(f"raid-{name}").raid[0] for name in ("july-2022", "february-2024")}
    visas = [visa.effect for visa in load_scenario("serbian-visas-2022").visa]
    with (DATA / "staff.csv").open(encoding="utf-8") as file:
        staff = {row["authority"]: row for row in csv.DictReader(line for line in file)}
    each = load_parameters().policy.investigations_per_team
    inputs = {
        ("raid_july_2022", "capacity"): 100.0 * raids["july-2022"].share,
        ("raid_july_2022", "boats"): raids["july-2022"].boats,
        ("raid_february_2024", "boats"): raids["february-2024"].boats,
        ("serbian_visas", "entries"): -100.0 * (1.0 - np.prod([1.0 - one for one in visas])),
        ("cases", "uk_live"): float(staff["UK-CI"]["investigation"]) * each,
    }
    assert inputs.keys() <= GIVEN.keys()
    assert all(GIVEN[both].limits.has(value) for both, value in inputs.items())


def test_what_is_fitted_names_a_series_of_the_fit():
    text = files("simulation.fitting").joinpath("series.toml").read_text(encoding="utf-8")
    series = {one["name"] for one in tomllib.loads(text)["series"]}
    fitted = {figure.fitted for figure in JUDGED.values() if figure.fitted}
    assert fitted
    assert fitted <= series


@pytest.mark.parametrize("table", ["facts.toml", "natural.toml"])
def test_no_table_contradicts_itself(table):
    text = files("simulation.validation").joinpath(table).read_text(encoding="utf-8")
    facts = tomllib.loads(text)["fact"]
    assert len({fact["key"] for fact in facts}) == len(facts)
    for fact in facts:
        assert len({line["key"] for line in fact["figure"]}) == len(fact["figure"]), fact["key"]
    for figure in FIGURES.values():
        assert figure.judged == bool(figure.line)
        assert None in (figure.low, figure.high) or figure.low < figure.high
    for figure in GIVEN.values():
        assert bool(figure.given.lever) == bool(figure.given.scenario) != bool(figure.given.table)


# -- words -----------------------------------------------------------------------------------------


@given(st.lists(st.floats(-1e4, 1e4), min_size=5, max_size=30))
def test_deaths_are_a_range_and_never_a_single_number(values):
    deaths = published()["coast"].figures["deaths"]
    result = estimate_of(values)
    assert deaths.shown(result).endswith(" deaths")
    assert " to " in deaths.shown(result)
    assert not any(letter.isdigit() for letter in deaths.shown(estimate_of(values[:4])))


def rows(text: str) -> list[list[str]]:
    """The cells of every row of the tables."""
    lines = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line] for line in lines]
    return [line for line in cells if line[0] != "what"]


@pytest.mark.parametrize("value", [middle, 1e9], ids=["all inside", "all at a billion"])
def test_a_page_shows_every_figure_with_its_kind(value):
    sections = fact_sections(readings(value), 9, 0.3, "2021-01..2025-12")
    assert [section.key for section in sections] == [NATURAL, FACTS]
    figures = {**natural(), **stylised()}
    asked = [figure for fact in figures.values() for figure in fact.figures.values()]
    shown = rows(markdown.sections(sections))
    assert [line[0] for line in shown] == [figure.what for figure in asked]
    for figure, line in zip(asked, shown, strict=True):
        verdict = figure.judge(estimate_of([value(figure) if callable(value) else value] * 9))
        assert str(verdict) in line[-1]
        assert ("**" in line[-1]) == (verdict is Verdict.FAILS)
        assert (figure.given is not None) == line[-1].startswith("given by")


def test_the_totals_are_those_of_unforced_facts():
    text = markdown.sections(fact_sections(readings(middle), 12, 0.3, "2021-01..2025-12"))
    assert "9 sets (3 more failed)" in text
    by = list(standings(published()).values())
    unforced, fitted = (by.count(one) for one in (Standing.UNFORCED, Standing.FITTED))
    assert f"Of {unforced} unforced figures" in text
    assert f"{unforced} hold, 0 do not hold" in text
    assert f"Of {fitted} that the ensemble was fitted to, {fitted} hold" in text
    assert by.count(Standing.GIVEN) == len(GIVEN)
