"""What a comparison adds: years since the first change, and the adaptation ladder."""

from __future__ import annotations

import csv
import io
from datetime import date

import numpy as np
import pytest

from simulation.engine.run_store import OUTCOME_NAMES, measure
from simulation.engine.trials import Case
from simulation.engine.world_design import Worlds
from simulation.outcomes import OUTCOMES, summarise
from simulation.scenario import load_scenario, parse_scenario
from simulation.studies.compare import (
    describe_ladder,
    ladder_csv,
    ladder_of,
)
from simulation.studies.options import cost_added
from simulation.studies.since_change import (
    days_of_months,
    first_change,
    totals_of_years,
    windows_of_years,
    years_since,
)
from tests import synthetic

BASE = load_scenario("baseline")
DAYS = (BASE.run.end - BASE.run.start).days + 1
SHARE = {"between": ["UK", "RS"], "level": "full"}
WAVE = {"origins": ["albania"], "route": "air", "people_per_year": 9000.0}
SHOCK = {"on": date(2024, 2, 9), "size": 2.0}


@pytest.mark.parametrize(("keys", "day"), [
    ({"sharing": [{**SHARE, "from": date(2023, 5, 17)}]}, date(2023, 5, 17)),
    # a ramp is nothing on its first day
    ({"sharing": [{**SHARE, "from": date(2023, 5, 17), "ramp_days": 9}]}, date(2023, 5, 18)),
    ({"sharing": [{**SHARE, "from": date(2022, 9, 1)}]}, BASE.run.start),  # in the warm-up
    ({"adaptation": {"price": False}}, BASE.run.start),
    ({"sharing": [{**SHARE, "from": date(2024, 12, 31)}]}, date(2024, 12, 31)),
    ({"wave": [{**WAVE, "from": date(2023, 5, 17)}]}, date(2023, 5, 17)),
    ({"wave": [{**WAVE, "from": date(2023, 5, 17), "people_per_year": 0.0}]}, None),
    ({"shock": [SHOCK]}, date(2024, 2, 9)),
    ({"shock": [SHOCK], "wave": [{**WAVE, "from": date(2024, 1, 5)}]}, date(2024, 1, 5)),
    ({"shock": [SHOCK], "adaptation": {"price": False}}, BASE.run.start),
    ({}, None),
])  # fmt: skip
def test_the_first_change_is_the_first_day_counted_that_can_differ(keys, day):
    assert first_change(BASE, BASE.with_(**keys), DAYS) == day


def test_money_is_counted_from_the_first_day_to_the_last():
    grant = {"authority": "UK", "amount": {"EUR": 36_525_000}, "per": "year",
             "spend_on": {"analysis": 1.0}}  # fmt: skip
    more = BASE.with_(funding=[{**grant, "from": date(2023, 5, 11)}])
    assert cost_added(BASE, more, date(2023, 5, 1), date(2023, 5, 20)) == pytest.approx(1_000_000)
    assert cost_added(more, BASE, date(2023, 5, 20), date(2023, 5, 20)) == pytest.approx(-100_000)
    assert cost_added(BASE, more, date(2023, 5, 1), date(2023, 5, 10)) == 0.0


def test_years_are_twelve_months_from_that_of_the_change():
    start, end = date(2026, 7, 1), date(2028, 12, 31)
    years = years_since(date(2026, 10, 1), start, end)
    assert years == {"year 1": slice(3, 15), "year 2": slice(15, 27), "year 3": slice(27, 30)}
    days = {name: window.days for name, window in windows_of_years(years, start, end).items()}
    assert days["year 1"] == (date(2026, 10, 1), date(2027, 9, 30))
    assert days["year 3"] == (date(2028, 10, 1), date(2028, 12, 31))
    assert list(years_since(date(2028, 12, 31), start, end).values()) == [slice(29, 30)]


def test_a_year_is_what_its_days_are():
    """Of a run of two calendar years, years since its first day are the calendar years."""
    scenario = load_scenario("baseline").with_(
        run={"start": date(2023, 1, 1), "end": date(2024, 12, 31)}
    )
    record = synthetic.simulate(scenario, seed=3)
    start, end = record.start, record.end
    by_month = measure(record).months[None]
    years = years_since(start, start, end)
    totals = totals_of_years(by_month, list(years.values()), days_of_months(start, end))
    assert days_of_months(start, end).sum() == (end - start).days + 1
    for row, year in enumerate((2023, 2024)):
        whole = summarise(record, date(year, 1, 1), date(year, 12, 31))
        for column, name in enumerate(OUTCOME_NAMES):
            if OUTCOMES[name].kind == "median":
                assert np.isnan(totals[0, row, column])
                continue
            # a level is weighted by days counted, also in months of which some days have none
            near = 0.02 if OUTCOMES[name].kind == "stock" else 1e-9
            assert totals[0, row, column] == pytest.approx(whole[name], rel=near, nan_ok=True), name


# -- the ladder, with runs whose differences are known by hand -------------------------------------

RESPONSES = ("route", "price", "load", "recruitment", "going_dark", "beliefs")
SEEDS = tuple(range(1, 9))


def case(title: str, more: str = "") -> Case:
    return Case(title, parse_scenario(f'title = "{title}"\nextends = "baseline"\n{more}'))


@pytest.fixture(scope="module")
def rungs():
    return ladder_of(case("Base"), case("Other", "[adaptation]\nload = false"))


class Runs:
    """Each response takes ten back of an effect of -100, with a little chance by seed."""

    def values(self, of: Case, seeds) -> np.ndarray:
        switches = dict(of.scenario.adaptation)
        effect = -100.0 + 10.0 * sum(switches.values()) if of.name.startswith("Other") else 0.0
        noise = np.array(seeds) * (1.0 if of.name.startswith("Other") else 0.9)
        totals = np.full((len(seeds), 2, len(OUTCOME_NAMES)), 1000.0)
        totals[:, 0, 0] += effect + noise
        totals[:, 1, 0] += 7777.0  # another period, which a ladder does not look at
        return totals

    def worlds(self, seeds) -> Worlds:
        """Each pair by itself."""
        return Worlds(seeds, seeds)


def test_one_response_is_added_at_a_time(rungs):
    assert [rung.responses for rung in rungs] == [RESPONSES[:count] for count in range(7)]
    assert all(rung.scenario == "Other" for rung in rungs)
    for rung in rungs:
        allowed = {name: name in rung.responses for name in RESPONSES}
        assert dict(rung.base.scenario.adaptation) == allowed
        # what the scenario itself rules out stays out
        assert dict(rung.other.scenario.adaptation) == {**allowed, "load": False}
    assert rungs[0].base.name == "Base (responses: none)"
    assert rungs[5].other.name.endswith("recruitment, going dark)")


def test_steps_and_all_of_them_together(rungs):
    ladder = describe_ladder(Runs(), rungs, SEEDS)
    first = OUTCOME_NAMES[0]
    effects = [entry.outcomes[first].mean_difference for entry in ladder]
    noise = 0.1 * np.mean(SEEDS)
    wanted = [-100, -90, -80, -80, -70, -60, -50]
    assert effects == pytest.approx([value + noise for value in wanted])
    assert [entry.together is None for entry in ladder] == [True] * 6 + [False]
    for number in range(1, 7):
        step = ladder[number].step[first]
        assert step.mean_difference == pytest.approx(wanted[number] - wanted[number - 1], abs=1e-9)
        assert step.after == pytest.approx(effects[number])
        assert step.before_detectable
        assert not ladder[number].step[OUTCOME_NAMES[1]].before_detectable
    assert ladder[6].together[first].mean_difference == pytest.approx(50.0)
    assert ladder[6].together[first].detectable
    rows = list(csv.DictReader(io.StringIO(ladder_csv(ladder))))
    so_far = [" ".join(RESPONSES[:count]) for count in range(7)]
    assert [row["responses"] for row in rows[:: len(OUTCOME_NAMES)]] == ["none", *so_far[1:]]
