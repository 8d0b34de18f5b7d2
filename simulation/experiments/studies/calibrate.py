"""Choose a few parameters so that the baseline lies within its targets.

    python -m simulation.experiments.studies.calibrate --check  # 8 seeds against the bands
    python -m simulation.experiments.studies.calibrate --write  # search and write

A first calibration: the values of a few parameters that nothing measures are moved, inside the
range of their records, towards the observed figures (Gauss-Newton in logarithms, with the same
seeds for every trial, so that differences are the parameters' doing). It gives one point, not a
posterior, and says nothing of how well the data inform each parameter.
"""

from __future__ import annotations

import argparse
import re
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
from simulation.parameters import load_records
from simulation.parameters.records import forget_records
from simulation.scenario import load_scenario

_FILE = Path(__file__).with_name("targets.toml")
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

    @property
    def aim(self) -> float:
        """Where a fit should aim: what was observed if it is known, else the middle."""
        return self.observed if self.observed is not None else (self.low + self.high) / 2.0

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


#: what is moved, chosen because each has a figure of its own that it drives
MOVED = (
    "entries.uk_share_central_med",
    "entries.uk_share_eastern_land",
    "entries.uk_share_resident",
    "channel.load_start",
    "channel.handled_launches",
    "patrol.sweep_launch",
    "detections.recorded_hungary",
    "detections.recorded_croatia",
    "migrants.hungary_constant",
    "migrants.freight_cost",
    "entries.elsewhere_level_2023",
    "entries.elsewhere_level_2024",
    "supply.boats_per_supplier_week",
)
_STEP = 0.12  # relative step of the finite differences
_LONGEST = 0.25  # longest move of a logarithm in one iteration
_DAMPING = 0.5  # keeps parameters that the figures do not inform near where they were
_HALVINGS = 4  # lengths of a step that are tried


@dataclass(frozen=True)
class TargetSetting(Setting):
    """What the runs of a calibration share; of each, only the figures of the targets are kept."""

    def reduce(self, record: RunRecord) -> dict[str, Any]:
        """The figures of a run."""
        return {"figures": measure(record).tolist()}

    def check(self, measures: dict[str, Any]) -> None:
        """Accept anything: no file of an earlier calibration is read."""


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


def search(seeds: Sequence[int], scale: float, iterations: int, workers: int) -> dict[str, float]:
    """Move the parameters towards the targets, keeping only moves that bring them nearer.

    Returns:
        The best values tried, of `MOVED`.
    """
    records = [load_records().record(name) for name in MOVED]
    low = np.log([float(record.low) for record in records])
    high = np.log([float(record.high) for record in records])
    point = np.log([float(record.value) for record in records])
    aim, weight = _aim_and_weight()

    def miss(points: Sequence[np.ndarray]) -> np.ndarray:
        """Weighted misses of several points, (points, targets)."""
        values = [np.exp(np.clip(p, low, high)).tolist() for p in points]
        trials = [dict(zip(MOVED, v, strict=True)) for v in values]
        figures = run_all(trials, seeds, scale, workers).mean(axis=1)
        return np.asarray((np.log(np.maximum(figures, 1e-9)) - aim) * weight)

    here = miss([point])[0]
    for turn in range(iterations):
        distance = np.linalg.norm(here)
        print(f"round {turn + 1}: distance {distance:.3f}", flush=True)
        steps = [point + _STEP * row for row in np.eye(point.size)]
        slope = (miss(steps) - here).T / _STEP
        system = np.vstack([slope, np.sqrt(_DAMPING) * np.eye(point.size)])
        step = np.linalg.lstsq(system, np.r_[-here, np.zeros(point.size)], rcond=None)[0]
        step = np.clip(step, -_LONGEST, _LONGEST)
        tried = [np.clip(point + step / 2**k, low, high) for k in range(_HALVINGS)]
        found = miss(tried)
        best = int(np.argmin(np.linalg.norm(found, axis=1)))
        if np.linalg.norm(found[best]) >= distance:
            print("    no step brings it nearer", flush=True)
            break
        point, here = tried[best], found[best]
        for name, value in zip(MOVED, np.exp(point), strict=True):
            print(f"    {name} = {value:.4g}", flush=True)
    print(f"distance {np.linalg.norm(here):.3f}", flush=True)
    return dict(zip(MOVED, np.exp(point).tolist(), strict=True))


def _aim_and_weight() -> tuple[np.ndarray, np.ndarray]:
    """Logarithm of what each target aims at, and how much its miss weighs; (targets,) each."""
    width = np.array([np.log(t.high / t.low) / 2.0 for t in targets()])
    aim = np.log([t.aim for t in targets()])
    # a figure without an observation only has to stay in its band
    weight = np.array([1.0 if t.observed is not None else 0.1 for t in targets()]) / width
    # single disasters make the death rate too noisy to steer by
    weight[[t.name == "sea_deaths_per_1000_arrivals" for t in targets()]] = 0.0
    return aim, weight


def write(values: dict[str, float]) -> None:
    """Replace the values in the files of the parameter records, and nothing else of them."""
    parameters = load_records()
    folder = Path(sys.modules["simulation.parameters"].__file__ or "").parent
    for name, value in values.items():
        path = folder / parameters.record(name).file
        text = path.read_text(encoding="utf-8")
        pattern = rf"(^\[{re.escape(name)}\]\nvalue = )[^\n]+"
        changed, count = re.subn(pattern, rf"\g<1>{value:.4g}", text, flags=re.MULTILINE)
        if count != 1:
            raise RuntimeError(f"{name} is not written as a value on the line after its name")
        path.write_text(changed, encoding="utf-8")
    forget_records()  # or the comparison that follows would still have the old values


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
    """Command line of the calibration."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--check", action="store_true", help="only compare with the bands")
    parser.add_argument("--write", action="store_true", help="write what was found")
    parser.add_argument("--seeds", type=int, default=8, help="seeds of the comparison")
    parser.add_argument("--search-seeds", type=int, default=2, help="seeds of the search")
    parser.add_argument("--scale", type=float, default=1.0, help="agents per person, comparison")
    parser.add_argument("--search-scale", type=float, default=0.3, help="agents per person, search")
    parser.add_argument("--iterations", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    if not asked.check:
        seeds = range(101, 101 + asked.search_seeds)
        found = search(seeds, asked.search_scale, asked.iterations, asked.workers)
        if asked.write:
            write(found)
    if asked.check or asked.write:
        good = report(range(1, asked.seeds + 1), asked.scale, asked.workers)
        sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
