"""What do the same seeds save, how soon does a comparison answer, and what do workers add?

    uv run python benchmarks/experiments.py [--quick] [--json] [--scale S] [--pairs N]
        [--only pairs,answer,workers,shared]

Prints one table in which every figure was measured in this run:

- pairs: the variance of a scenario's difference from the baseline between runs of independent
  seeds against that between runs of one seed, for arrivals and on the median leg;
- answer: how long `crossings compare` takes for a half-width of 1% of the baseline's arrivals,
  and the half-width it reached;
- workers: 40 runs with one and with two workers, and what is spent beside the runs themselves;
- shared: CPU of a pair of runs that simulate the days before their policies differ once, against
  that of the same two runs each from its beginning, over the scenario's days and over one year.

This is a measurement, not a test: it ends with exit code 0 whatever the figures are.
"""

# ruff: noqa: E402 (what is set in the environment comes before NumPy)
from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).resolve().parents[1])]
# before NumPy: workers share the cores among them
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import numpy.typing as npt
from command_line import seconds
from run import Row, Target, machine, publish

from simulation.engine.run_store import LEG_COUNTS, OUTCOME_NAMES, STORE
from simulation.engine.runs import ExperimentRuns, run_trials
from simulation.engine.trials import Case, Setting, Trial
from simulation.engine.worker_pool import cores
from simulation.scenario import load_scenario

#: the natural experiment whose effect comes late, and the one whose effect is in the run
SCENARIOS = ("agreements-deepened-2024", "agreements-deepened-2023")
PARTS = ("pairs", "answer", "workers", "shared")
ARRIVALS_TARGET = Target(10.0, at_least=True)
LEG_TARGET = Target(5.0, at_least=True)
ANSWER_TARGET = Target(90.0)
WIDTH_TARGET = Target(1.0)
WORKERS_TARGET = Target(0.6)
OVERHEAD_TARGET = Target(10.0)
RUNS = 40
SHARED_PAIRS, YEAR = 5, 365
#: share of the people, and pairs, of a measurement in short
QUICK_SCALE, QUICK_PAIRS, QUICK_DAYS = 0.05, 4, 60

Array = npt.NDArray[np.float64]


def length(days: int | None) -> int:
    """Days of a run; all of the baseline's when None."""
    run = load_scenario("baseline").run
    return days or (run.end - run.start).days + 1


def saved(base: Array, other: Array, fresh: Array) -> Array:
    """By how much the same seeds lessen the variance of a difference.

    Args:
        base: (seeds, ...) of the baseline.
        other: (seeds, ...) of the scenario with the same seeds.
        fresh: (seeds, ...) of the scenario with others.

    Returns:
        Variance with independent seeds over that with the same; NaN where neither varies, infinite
        where the pairs alone do not.
    """
    independent = base.var(axis=0, ddof=1) + fresh.var(axis=0, ddof=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(independent / (other - base).var(axis=0, ddof=1))


def pair_rows(scale: float, pairs: int, days: int | None) -> list[Row]:
    """What the same seeds save, for each scenario."""
    baseline = Case("baseline", load_scenario("baseline"))
    cases = [Case(name, load_scenario(name)) for name in SCENARIOS]
    seeds, others = range(1, pairs + 1), range(pairs + 1, 2 * pairs + 1)
    setting = Setting(scale, length(days))
    rows: list[Row] = []
    trials = [Trial(case, seed) for seed in seeds for case in (baseline, *cases)]
    trials += [Trial(case, seed) for seed in others for case in cases]
    with tempfile.TemporaryDirectory() as folder:
        runs = run_trials(setting, trials, cores(), Path(folder) / STORE)
        for case in cases:
            rows += _case_rows(runs, baseline, case, seeds, others)
    return rows


def _case_rows(
    experiment_runs: ExperimentRuns,
    baseline: Case,
    case: Case,
    seeds: Sequence[int],
    others: Sequence[int],
) -> list[Row]:
    arrivals = OUTCOME_NAMES.index("channel_arrivals")
    setting_out = LEG_COUNTS.index("departures")

    def taken(of: Case, with_seeds: Sequence[int]) -> tuple[Array, Array]:
        runs = list(experiment_runs.each(of, with_seeds))
        return (
            np.array([run.totals[0, arrivals] for run in runs]),
            np.array([run.legs[:, setting_out] for run in runs]),
        )

    (base, base_legs), (other, other_legs) = taken(baseline, seeds), taken(case, seeds)
    fresh, fresh_legs = taken(case, others)
    by_leg = saved(base_legs, other_legs, fresh_legs)
    used = ~np.isnan(by_leg)  # nobody sets out on some
    differ = used & np.isfinite(by_leg)
    name = f"{case.name}: variance saved"
    rows = [
        _saved_row(f"{name}, arrivals", float(saved(base, other, fresh)), ARRIVALS_TARGET),
        _saved_row(f"{name}, median leg", float(np.median(by_leg[used])), LEG_TARGET),
    ]
    if differ.any():
        note = f"{differ.sum()} of {used.sum()} legs"
        median = float(np.median(by_leg[differ]))
        rows.append(Row(f"{name}, median of the legs that differ", median, "times", 1, note=note))
    return rows


def _saved_row(name: str, ratio: float, target: Target) -> Row:
    """A ratio of variances, or that pairs do not differ at all."""
    if np.isfinite(ratio):
        return Row(name, ratio, "times", 1, target)
    return Row(name, None, "", 0, target, "pairs are identical, no variance")


def answer_rows(scale: float, days: int | None) -> list[Row]:
    """How long a comparison takes through the command line, and how narrow its answer is."""
    rows = []
    for name in SCENARIOS:
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "compared"
            options = ["--scale", f"{scale:g}", "--out", str(out), "--quiet"]
            # in short: the fewest pairs there are with auto
            options += ["--days", str(days), "--limit", "8"] if days else []
            files = ("scenarios/baseline.toml", f"scenarios/{name}.toml")
            spent = seconds("compare", *files, *options)
            summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
        # under assumptions drawn from a fit, the default where there is one, it takes more of them
        pairs = f"{summary['replications']} pairs, assumptions: {summary['assumptions']}"
        if summary["scenarios"][0]["identical"]:
            pairs += ", identical"
        rows += [
            Row(f"crossings compare baseline {name}, wall", spent, "s", 1, ANSWER_TARGET, pairs),
            Row(
                f"crossings compare baseline {name}, half-width reached",
                100.0 * summary["precision_reached"],
                "% of arrivals",
                2,
                WIDTH_TARGET,
            ),
        ]
    return rows


def worker_rows(scale: float, days: int | None) -> list[Row]:
    """Forty runs with one worker and with two."""
    case = Case("baseline", load_scenario("baseline"))
    setting = Setting(scale, length(days))
    setting.prepare(Trial(case, 1))  # compiling counts for neither
    walls, overheads = [], []
    for workers in (1, 2):
        with tempfile.TemporaryDirectory() as folder:
            started = time.perf_counter()
            trials = [Trial(case, seed) for seed in range(1, RUNS + 1)]
            runs = run_trials(setting, trials, workers, Path(folder) / STORE)
            walls.append(time.perf_counter() - started)
        overheads.append(100.0 * (walls[-1] * workers / runs.run_seconds - 1.0))
    return [
        Row(f"{RUNS} runs with one worker, wall", walls[0], "s", 1),
        Row(f"{RUNS} runs, two workers against one, wall", walls[1] / walls[0], "times", 2,
            WORKERS_TARGET),
        Row("One worker: time beside the runs", overheads[0], "% of the runs", 1, OVERHEAD_TARGET),
        Row("Two workers: time beside the runs", overheads[1], "% of the runs", 1,
            OVERHEAD_TARGET),
    ]  # fmt: skip


def shared_rows(scale: float, days: int | None) -> list[Row]:
    """What a pair of runs costs with and without the days before its policies differ in common."""
    cases = [Case(name, load_scenario(name)) for name in ("baseline", SCENARIOS[1])]
    rows: list[Row] = []
    for counted in dict.fromkeys((length(days), min(length(days), YEAR))):
        setting = Setting(scale, counted)
        setting.prepare(Trial(cases[0], 1))
        spent = {"whole": [0.0] * SHARED_PAIRS, "shared": [0.0] * SHARED_PAIRS}
        for place in range(SHARED_PAIRS):
            trials = [Trial(case, 1 + place) for case in cases]
            planned = setting.plan(trials)
            for way, some in (("whole", trials), ("shared", planned)):
                started = time.process_time()
                for trial in some:
                    setting.run(trial)
                spent[way][place] = time.process_time() - started
        ratios = np.array(spent["shared"]) / np.array(spent["whole"])
        common = planned[0].shared
        assert common is not None, "the pair shares its warm-up"
        name = f"A pair of {counted} days"
        note = f"median of {SHARED_PAIRS} seeds, {common.days} days in common"
        rows += [
            Row(f"{name}, each run whole, CPU", float(np.median(spent["whole"])), "s", 2),
            Row(f"{name}, days in common once, CPU", float(np.median(spent["shared"])), "s", 2),
            Row(f"{name}, once against whole", float(np.median(ratios)), "times", 2, note=note),
        ]
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the experiments of crossings.")
    parser.add_argument("--quick", action="store_true", help="Few people, few days, few pairs.")
    parser.add_argument("--json", action="store_true", help="Print the figures as JSON.")
    parser.add_argument("--scale", type=float, help="Share of the people [default: 1].")
    parser.add_argument("--pairs", type=int, default=20, help="Seeds of each side [default: 20].")
    parser.add_argument("--only", default=",".join(PARTS), help="Parts to measure, by name.")
    asked = parser.parse_args()
    parts = asked.only.split(",")
    if unknown := set(parts) - set(PARTS):
        parser.error(f"--only: {', '.join(sorted(unknown))} is none of {', '.join(PARTS)}")
    scale = asked.scale or (QUICK_SCALE if asked.quick else 1.0)
    pairs = min(asked.pairs, QUICK_PAIRS) if asked.quick else asked.pairs
    days = QUICK_DAYS if asked.quick else None
    where = machine()
    rows: list[Row] = []
    for part in parts:
        print(f"{part} ...", file=sys.stderr, flush=True)
        rows += {
            "pairs": lambda: pair_rows(scale, pairs, days),
            "answer": lambda: answer_rows(scale, days),
            "workers": lambda: worker_rows(scale, days),
            "shared": lambda: shared_rows(scale, days),
        }[part]()
    note = f"{length(days)} days, {scale:g} of the people, {pairs} pairs. "
    publish(rows, where, asked.json, note)


if __name__ == "__main__":
    main()
