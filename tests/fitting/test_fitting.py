"""Parts of a fit: figures of a run, laws, windows, priors, and what is checked."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from simulation.corridor import load_corridor, load_observed
from simulation.engine.arguments import BUDGET
from simulation.engine.run_store import StoredRun
from simulation.errors import InputError
from simulation.fitting.experiment import FitSetting
from simulation.fitting.plan import FitPlan, make_plan
from simulation.fitting.predictive import CheckedFigure, FittedYear, check, misfit
from simulation.fitting.priors import load_prior
from simulation.fitting.provenance import install
from simulation.fitting.series import Block, Data, FitWindow, load_method, observed_data
from simulation.parameters import load_parameters
from simulation.parameters.sampling import uncertain
from simulation.scenario import load_scenario
from simulation.scenario.scenario import parse_scenario
from tests import synthetic
from tests.fits import write_fit
from tests.fitting import stand_in

#: January to December: 1, 2, ... 12
OWN_YEAR = {
    "channel_arrivals": ([f"2023-{month:02}" for month in range(1, 13)], np.arange(1.0, 13.0))
}


# -- what is fitted -------------------------------------------------------------------------------


def seen_in(first: str, last: str, *own) -> dict[str, tuple[tuple[str, ...], tuple[float, ...]]]:
    """The periods and figures of each series in a window."""
    data = observed_data(FitWindow(first, last), *own)
    return {block.spec.name: (block.periods, data.observed[at]) for block, at in data.slices}


def test_the_series_are_those_observed_and_none_is_held_out():
    seen = seen_in("2021-01", "2023-12")
    assert set(seen) == {spec.name for spec in load_method().specs}
    assert len(seen["channel_arrivals"][0]) == 36
    assert seen["prevented_share"][0] == ("2021", "2022", "2023")
    later = seen_in("2023-01", "2024-12")
    assert later["channel_arrivals"][0][-1] == "2024-12"
    assert later["channel_deaths"][0] == ("2023", "2024")
    assert all("2023" <= period < "2025" for periods, _ in later.values() for period in periods)
    # the sea's climate is that of days with arrivals, and other routes say who enters
    assert not seen.keys() & {
        "days_with_arrivals", "serbia_registered", "central_med_detections",
        "eastern_med_detections", "slovenia_detections",
    }  # fmt: skip


@pytest.fixture(scope="module")
def record():
    """A run of the year 2023."""
    year = parse_scenario(synthetic.SCENARIO.replace("2023-02-28", "2023-12-31"))
    return synthetic.simulate(year, seed=3)


def test_places_and_borders_of_a_run_are_counted_as_published(record):
    """Stops at the Hungarian fence, and the stay in Serbia by Little's law."""
    blocks = {
        block.spec.name: block
        for block in observed_data(FitWindow("2023-01", "2023-12")).blocks
        if block.spec.name in ("hungary_stops", "serbia_stay_days", "lorry_arrivals")
    }
    values = {name: block.of(record) for name, block in blocks.items()}
    fence = [n for n, leg in enumerate(load_corridor().legs) if leg.border == "RS-HU"]
    assert values["hungary_stops"] == pytest.approx([record.leg_stops[:, fence].sum()])
    assert values["lorry_arrivals"] == pytest.approx([record.daily["lorry_arrivals"].sum()])
    twice = blocks["serbia_stay_days"].of(replace(record, place_present=2.0 * record.place_present))
    assert twice == pytest.approx(2.0 * values["serbia_stay_days"])


def test_the_winter_of_a_year_and_the_people_on_the_coast_are_counted_by_day(record):
    on_the_coast = np.array([place.kind == "coast" for place in load_corridor().places])
    steady = replace(
        record,
        daily={**record.daily, "channel_arrivals": np.full(365, 20.0)},
        place_present=np.tile(np.where(on_the_coast, 7.0, 1000.0), (365, 1)),
    )
    of = {
        spec.name: Block(spec, ("2023",)).of(steady)
        for spec in load_method().specs
        if spec.name in ("winter_share", "coast_people")
    }
    assert of["winter_share"] == pytest.approx([59 / 365])
    assert of["coast_people"] == pytest.approx([7.0 * on_the_coast.sum()])


def test_a_year_that_is_not_whole_gives_no_yearly_figure():
    seen = seen_in("2021-03", "2022-12")
    assert seen["channel_deaths"][0] == ("2022",)
    assert seen["channel_boats"][0][0] == "2021-03"


def test_figures_from_elsewhere_are_as_many_as_are_fitted():
    data = observed_data(FitWindow("2021-01", "2023-12"))
    setting = FitSetting(1.0, 5, data=data)
    good = [1.0, float("nan"), *[2.5] * (data.size - 2)]
    setting.check({"figures": good})
    run = StoredRun(case="a", seed=1, seconds=0.1, measures={"figures": good})
    again = StoredRun.model_validate_json(json.dumps(run.model_dump()))
    assert str(again.measures["figures"]) == str(good)
    for bad in (good[1:], [*good[1:], "1"], [*good[1:], 10**400], None, "1" * data.size):
        with pytest.raises(ValueError, match=r"not the .* figures of a run"):
            setting.check({"figures": bad})
    with pytest.raises(ValueError, match=r"not the .* figures of a run"):
        setting.check({"figures": good, "more": 1})


def test_own_series_stand_in_place_of_ours():
    own = {"channel_arrivals": (["2023-01", "2023-02"], np.array([7.0, np.nan]))}
    assert seen_in("2023-01", "2023-02", own)["channel_arrivals"] == (("2023-01",), (7.0,))
    share = {"prevented_share": (["2024-01"], np.array([0.4]))}
    data = observed_data(FitWindow("2024-01", "2024-02"), share)
    assert ("prevented_share", "month", ("2024-01",)) in [
        (b.spec.name, b.spec.by, b.periods) for b in data.blocks
    ]


def test_whole_years_are_sums_of_their_months():
    seen = seen_in("2021-01", "2023-12")
    for name in ("channel_arrivals", "channel_boats"):
        months = np.array(seen[name][1]).reshape(3, 12)
        years = list(seen[f"{name}_year"][1])
        published = load_observed().yearly(name)
        assert months.sum(axis=1).tolist() == years == [published[y] for y in (2021, 2022, 2023)]


def test_figures_of_a_run():
    observed, origins = stand_in.observed()
    data = observed_data(stand_in.WINDOW, observed=observed, origins=origins)
    record = stand_in.simulate(stand_in.scenario(), seed=4, days=365)
    figures = {b.spec.name: data.of(record)[where] for b, where in data.slices}
    may = record.dates.astype("datetime64[M]") == np.datetime64("2022-05")
    landed = record.daily["channel_arrivals"][may]
    boats = record.daily["channel_boats"][may].sum()
    assert figures["channel_arrivals"][4] == landed.sum()
    assert figures["people_per_boat"][4] == pytest.approx(landed.sum() / boats)
    assert figures["prevented_share"][0] == pytest.approx(0.444, abs=0.01)
    assert figures["arrivals_by_origin"].sum() == pytest.approx(figures["channel_arrivals"].sum())
    assert figures["channel_arrivals_year"].tolist() == [figures["channel_arrivals"].sum()]
    assert figures["channel_boats_year"].tolist() == [figures["channel_boats"].sum()]


# -- windows and budgets --------------------------------------------------------------------------


def test_the_default_window_is_what_the_run_has():
    plan = make_plan(stand_in.scenario(), None, None, 2400)
    assert plan == FitPlan(FitWindow("2022-01", "2023-12"), 2400)
    assert plan.window.years == ("2022", "2023")


# -- priors and the packaged ensemble -------------------------------------------------------------


def test_every_uncertain_assumption_is_fitted():
    """What is left out would be frozen, or act as chance in the runs of a fit."""
    prior = load_prior(load_scenario("history"), "2025-12")
    assert set(prior.names) == {record.name for record in uncertain(load_parameters())}
    # a default fit has seven runs for each
    assert 7 * len(prior.names) <= BUDGET.default


def test_what_a_scenario_sets_is_not_fitted():
    text = '\n[parameters]\n"entries.uk_tilt" = 1.2\n'
    assert "entries.uk_tilt" not in load_prior(stand_in.scenario(text), "2023-12").names


def test_install_puts_a_good_file_beside_those_of_other_windows(tmp_path):
    folder = tmp_path / "package"
    file, later = write_fit(tmp_path), write_fit(tmp_path, ("2021-01", "2024-12"))
    targets = [install(file, folder), install(later, folder)]
    assert [one.name for one in targets] == ["2021-01..2023-12.json", "2021-01..2024-12.json"]
    assert sorted(folder.iterdir()) == targets
    good = file.read_text(encoding="utf-8")
    window = '"window": ["2021-01", "2023-12"]'
    for old, new, message in (
        ("[4]", "[99]", "does not go with"),
        (window, '"scale": 1', "does not say which months"),
    ):
        assert old in good
        file.write_text(good.replace(old, new), encoding="utf-8")
        with pytest.raises(InputError, match=message):
            install(file, folder)
    assert targets[0].read_text(encoding="utf-8") == good


@pytest.fixture(scope="module")
def data() -> Data:
    return observed_data(FitWindow("2022-01", "2022-12"))


def by_year(checked: CheckedFigure, series: str) -> FittedYear:
    (row,) = (row for row in checked.predictive if row.series == series)
    return row


def test_a_year_is_seen_through_the_runs_of_all_members(data):
    runs = np.stack([factor * np.array(data.observed) for factor in np.linspace(0.5, 1.5, 101)])
    row = by_year(check(data, runs, np.full(101, 1.0 / 101)), "channel_arrivals")
    assert row.inside
    for key, factor in (("q5", 0.55), ("q50", 1.0), ("q95", 1.45)):
        assert getattr(row, key) == pytest.approx(factor * row.observed)
    high = np.where(np.arange(101) < 80, 0.0, 1.0 / 21)
    assert not by_year(check(data, runs, high), "channel_arrivals").inside


def test_a_misfit_is_counted_in_standard_deviations(data):
    """Of the scale on which the fit works, so twice the deviation is half the distance."""
    runs = np.array(data.observed)[None, :] * 1.1
    one, four = (misfit(data, runs, np.ones(1), np.full(data.size, v)) for v in (1.0, 4.0))
    assert one["channel_arrivals"] > 0.0
    for series, distance in one.items():
        assert four[series] == pytest.approx(distance / 2.0), series
    perfect = misfit(data, np.array(data.observed)[None, :], np.ones(1), data.discrepancy)
    assert perfect == {series: pytest.approx(0.0) for series in perfect}
