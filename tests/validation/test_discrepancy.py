"""What the model leaves out: found again where known, and intervals that hold what they say."""

from __future__ import annotations

import numpy as np
import pytest

from simulation.validation.discrepancy import Discrepancy, add_discrepancy, estimate, specs
from simulation.validation.forecast import Forecast

SPEC = specs()["channel_arrivals"]
RUNS, MONTHS = 100, 36
NAMES = tuple(f"{2021 + k // 12}-{k % 12 + 1:02d}" for k in range(MONTHS + 12))


def autoregression(rng, sigma, rho, months):
    values = np.empty(months)
    values[0] = rng.standard_normal()
    for k in range(1, months):
        values[k] = rho * values[k - 1] + np.sqrt(1.0 - rho**2) * rng.standard_normal()
    return sigma * values


def world(seed, sigma, rho, chance=0.2):
    """Runs of a model, and a world that differs from them by chance and by more, in logarithms."""
    rng = np.random.default_rng(seed)
    centre = 8.0 + 0.8 * np.sin(np.arange(MONTHS + 12) / 6.0 * np.pi)
    # assumptions move a whole run up or down, chance moves each month
    common = 0.1 * rng.standard_normal((RUNS + 1, 1))
    runs = centre + common + chance * rng.standard_normal((RUNS + 1, MONTHS + 12))
    seen = runs[-1] + autoregression(rng, sigma, rho, MONTHS + 12)
    return SPEC.backward(runs[:-1]), SPEC.backward(seen)


def estimate_of(seed, sigma, rho) -> Discrepancy:
    runs, seen = world(seed, sigma, rho)
    return estimate(SPEC, NAMES[:MONTHS], seen[:MONTHS], runs[:, :MONTHS])


@pytest.mark.parametrize(("sigma", "rho"), [(0.3, 0.0), (0.3, 0.8), (0.8, 0.5)])
def test_its_size_is_found_again(sigma, rho):
    """Over many worlds: the median lies near, and the 90% interval holds it about as often."""
    estimates = [estimate_of(seed, sigma, rho) for seed in range(20)]
    middles = [one.quantile(one.sizes, 0.5) for one in estimates]
    assert np.exp(np.mean(np.log(middles))) == pytest.approx(sigma, rel=0.3)
    inside = [
        one.quantile(one.sizes, 0.05) <= sigma <= one.quantile(one.sizes, 0.95) for one in estimates
    ]
    assert np.mean(inside) >= 0.75


def test_memory_is_told_from_none():
    long, short = (
        np.mean([one.quantile(one.memories, 0.5) for one in estimates])
        for estimates in ([estimate_of(s, 0.4, 0.9) for s in range(8)], [estimate_of(s, 0.4, 0.0)
        for s in range(8)])
    )  # fmt: skip
    assert long > short + 0.3


def test_chance_and_assumptions_are_not_counted_twice():
    """A model that leaves nothing out has a discrepancy well below what is assumed."""
    estimates = [estimate_of(seed, 0.0, 0.0) for seed in range(10)]
    assert np.mean([one.quantile(one.sizes, 0.5) for one in estimates]) < 0.5 * SPEC.discrepancy


@pytest.mark.slow
@pytest.mark.parametrize("worlds", [24, pytest.param(60, marks=pytest.mark.full)])
@pytest.mark.parametrize(("sigma", "rho"), [(0.0, 0.0), (0.3, 0.6), (0.6, 0.3)])
def test_intervals_of_a_held_out_year_hold_what_they_say(sigma, rho, worlds):
    """Coverage of the 90% interval over many worlds lies between 85% and 95%.

    Of a model that leaves nothing out it is a little more, for that cannot be known from its past.
    """
    inside, bare = [], []
    for seed in range(worlds):
        runs, seen = world(seed, sigma, rho)
        discrepancy = estimate(SPEC, NAMES[:MONTHS], seen[:MONTHS], runs[:, :MONTHS])
        ahead, came = runs[:, MONTHS:], seen[MONTHS:]
        forecast = Forecast(NAMES[MONTHS:], {SPEC.name: ahead}, {SPEC.name: ahead.sum(axis=1)})
        wide = add_discrepancy(forecast, {SPEC.name: discrepancy}, 20, seed).months[SPEC.name]
        for runs_of, coverage in ((wide, inside), (ahead, bare)):
            low, high = np.quantile(runs_of, [0.05, 0.95], axis=0)
            coverage.append(np.mean((low <= came) & (came <= high)))
    assert 0.85 <= np.mean(inside) <= (0.95 if sigma > 0.0 else 0.97)
    if sigma > 0.0:
        assert np.mean(bare) < np.mean(inside) - 0.1


def test_nothing_later_is_looked_at_and_gaps_are_left_out():
    runs, seen = world(1, 0.3, 0.5)
    seen = seen[:MONTHS].copy()
    seen[[0, 7]] = np.nan
    discrepancy = estimate(SPEC, NAMES[:MONTHS], seen, runs[:, :MONTHS])
    assert discrepancy.residuals == MONTHS - 2
    assert (discrepancy.first, discrepancy.last) == (NAMES[1], NAMES[MONTHS - 1])
    assert discrepancy.weights.sum() == pytest.approx(1.0)


def test_a_weight_of_nothing_is_as_a_run_that_is_not_there():
    runs, seen = world(2, 0.3, 0.5)
    runs, seen = runs[:, :MONTHS], seen[:MONTHS]
    odd = np.vstack([runs, 50.0 * runs[:1]])
    with_odd = estimate(SPEC, NAMES[:MONTHS], seen, odd, np.append(np.ones(RUNS), 0.0))
    without = estimate(SPEC, NAMES[:MONTHS], seen, runs)
    assert with_odd.quantile(with_odd.sizes, 0.5) == pytest.approx(
        without.quantile(without.sizes, 0.5), rel=0.1
    )


def test_paths_over_runs_keep_medians_weights_and_sums():
    runs = np.tile(np.array([1000.0, 4000.0]), (50, 1))
    share = np.tile(np.array([0.4, 0.5]), (50, 1))
    forecast = Forecast(
        ("2024-01", "2024-02"),
        {"channel_arrivals": runs, "prevented_share": share},
        {"channel_arrivals": runs.sum(axis=1), "prevented_share": np.full(50, 0.45)},
        np.full(50, 0.02),
    )
    by_name = specs()
    discrepancies = {
        name: Discrepancy(by_name[name], np.array([0.3]), np.array([0.5]), np.array([1.0]), 0)
        for name in forecast.months
    }
    wide = add_discrepancy(forecast, discrepancies, 100, 1)
    assert {len(whole) for whole in wide.totals.values()} == {5000}
    assert wide.weights.sum() == pytest.approx(1.0)
    arrivals = wide.months["channel_arrivals"]
    assert np.median(arrivals, axis=0) == pytest.approx([1000.0, 4000.0], rel=0.03)
    spread = np.log(arrivals + by_name["channel_arrivals"].offset).std(axis=0)
    assert spread == pytest.approx([0.3, 0.3], rel=0.05)
    assert wide.totals["channel_arrivals"] == pytest.approx(arrivals.sum(axis=1))
    shares = wide.months["prevented_share"]
    assert ((shares > 0.0) & (shares < 1.0)).all()
    # a series known by year has one number for all months of a year
    moved = np.log(shares / (1.0 - shares)) - np.log(share[0] / (1.0 - share[0]))
    assert moved[:, 0] == pytest.approx(moved[:, 1])
    assert add_discrepancy(forecast, discrepancies, 100, 1).months[
        "channel_arrivals"
    ] == pytest.approx(arrivals)
    assert add_discrepancy(forecast, {}, 2, 1).months["channel_arrivals"][::2] == pytest.approx(
        runs
    )


@pytest.mark.parametrize("name", sorted(specs()))
def test_a_scale_leads_back(name):
    spec = specs()[name]
    if spec.kind == "mix":
        with pytest.raises(ValueError, match="no scale of single figures"):
            spec.forward(np.ones(2))
        return
    values = np.array([0.2, 0.5, 0.9]) if spec.kind == "share" else np.array([0.0, 3.0, 9000.0])
    assert spec.backward(spec.forward(values)) == pytest.approx(values)
