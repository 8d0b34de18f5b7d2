"""Whether the baseline lies within its bands, by the mean over some seeds.

    python -m simulation.experiments.studies.bands

Bands are wide: they say that a run at the central values is near the world of 2023 and 2024.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from simulation.experiments.engine.run_store import STORE
from simulation.experiments.engine.runs import run_trials
from simulation.experiments.engine.trials import Case, Setting, Trial
from simulation.experiments.engine.worker_pool import FatalError
from simulation.outcomes import RunRecord
from simulation.scenario import load_scenario

_FILE = Path(__file__).with_name("bands.toml")
Daily = dict[str, np.ndarray]


@dataclass(frozen=True)
class Target:
    """A figure of one year and the band its mean over seeds must lie in.

    Attributes:
        name: What is measured (`MEASURES`).
        year: Calendar year.
        low: Lower end of the band.
        high: Upper end of the band.
        observed: What was observed, if it is known.
    """

    name: str
    year: int
    low: float
    high: float
    observed: float | None = None

    def holds(self, value: float) -> bool:
        """Whether a value lies in the band."""
        return self.low <= value <= self.high


@cache
def targets() -> tuple[Target, ...]:
    """The targets of the baseline."""
    with _FILE.open("rb") as file:
        return tuple(Target(**row) for row in tomllib.load(file)["target"])


def _total(name: str) -> Callable[[Daily], float]:
    return lambda daily: float(daily[name].sum())


def _ratio(name: str, *over: str, per: float = 1.0) -> Callable[[Daily], float]:
    """A series for each unit of the sum of others, which counts as one at least."""
    return lambda daily: float(
        per * daily[name].sum() / max(sum(daily[each].sum() for each in over), 1.0)
    )


def _busiest_tenth(daily: Daily) -> float:
    """Share of arrivals on the busiest tenth of calendar days."""
    arrivals = daily["channel_arrivals"]
    days = max(1, round(arrivals.size / 10))
    return float(np.sort(arrivals)[-days:].sum() / max(arrivals.sum(), 1.0))


#: each measure of a year, from the daily series of that year
MEASURES: dict[str, Callable[[Daily], float]] = {
    "arrivals": _total("channel_arrivals"),
    "arrivals_to_4_november": _total("channel_arrivals"),
    "boats": _total("channel_boats"),
    "people_per_boat": _ratio("channel_arrivals", "channel_boats"),
    "days_with_arrivals": lambda daily: float(np.count_nonzero(daily["channel_arrivals"])),
    "share_of_busiest_tenth": _busiest_tenth,
    "prevented_share": _ratio("channel_prevented", "channel_prevented", "channel_arrivals"),
    "wb_detections": _total("wb_detections"),
    "lorry_arrivals": _total("lorry_arrivals"),
    "sea_deaths_per_1000_arrivals": _ratio("channel_deaths", "channel_arrivals", per=1000.0),
    "seat_price_eur": lambda daily: float(np.nanmean(daily["seat_price_eur"])),
}


def measure(record: RunRecord) -> np.ndarray:
    """Every target's figure in one run, (targets,)."""
    values = []
    for target in targets():
        to_november = target.name == "arrivals_to_4_november"
        last = date(target.year, 11, 4) if to_november else date(target.year, 12, 31)
        first = np.datetime64(date(target.year, 1, 1), "D")
        inside = (record.dates >= first) & (record.dates <= np.datetime64(last, "D"))
        daily = {name: series[inside] for name, series in record.daily.items()}
        values.append(MEASURES[target.name](daily))
    return np.array(values)


def table(runs: Sequence[np.ndarray]) -> list[tuple[Target, float, float, bool]]:
    """Each target with the mean of the runs, its standard error, and whether it holds.

    Args:
        runs: `measure` of each run.
    """
    matrix = np.array(runs)
    mean = matrix.mean(axis=0)
    error = matrix.std(axis=0, ddof=1) / np.sqrt(len(runs)) if len(runs) > 1 else 0.0 * mean
    return [
        (target, float(m), float(e), target.holds(float(m)))
        for target, m, e in zip(targets(), mean, error, strict=True)
    ]


@dataclass(frozen=True)
class TargetSetting(Setting):
    """The setting of the runs, each of which stores the figures of the targets only."""

    def reduce(self, record: RunRecord) -> dict[str, Any]:
        """The figures of a run."""
        return {"figures": measure(record).tolist()}


def run_all(
    trials: Sequence[dict[str, float]], seeds: Sequence[int], scale: float, workers: int
) -> np.ndarray:
    """Figures of every run of the baseline with some parameters replaced.

    Returns:
        (trials, seeds, targets).

    Raises:
        FatalError: A run failed.
    """
    scenario = load_scenario("baseline")
    setting = TargetSetting(scale=scale, days=(scenario.run.end - scenario.run.start).days + 1)
    cases = [Case("trial", scenario, values) for values in trials]
    asked = [Trial(case, seed) for case in cases for seed in seeds]
    with TemporaryDirectory() as folder:
        runs = run_trials(setting, asked, workers, Path(folder) / STORE)
        if runs.failures(cases):
            raise FatalError(f"a run failed{runs.first_error(cases)}")
        figures = [runs.reduced(case, seed)["figures"] for case, seed, _ in asked]
    return np.array(figures).reshape(len(trials), len(seeds), -1)


def report(seeds: Sequence[int], scale: float, workers: int) -> bool:
    """Print the baseline against its targets; say whether all of them hold."""
    runs = run_all([{}], seeds, scale, workers)[0]
    good = True
    print(f"{'figure':<32}{'year':>6}{'mean':>12}{'s.e.':>10}{'band':>22}{'observed':>12}")
    for target, mean, error, holds in table(list(runs)):
        good = good and holds
        band = f"{target.low:g} to {target.high:g}"
        observed = "" if target.observed is None else f"{target.observed:g}"
        print(
            f"{target.name:<32}{target.year:>6}{mean:>12.4g}{error:>10.2g}{band:>22}"
            f"{observed:>12}{'' if holds else '   outside'}"
        )
    return good


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--scale", type=float, default=1.0, help="agents per person")
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    good = report(range(1, asked.seeds + 1), asked.scale, asked.workers)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
