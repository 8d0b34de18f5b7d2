"""How fast is crossings, and how much memory does it take?

    uv run python benchmarks/run.py [--quick] [--json]

Prints one table in which every figure was measured in this run. Processor time is
`time.process_time` of the run loop, `corridor_model.run(model)`, in a process in which everything
has been compiled before; each number of people has a process of its own, whose highest memory is
the figure for memory. An agent-day is one person on the way for one day.

This is a measurement, not a test: it ends with exit code 0 whatever the figures are.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent))

from command_line import first_run, help_seconds, notes_seconds, opening_cpu, run_seconds

SIZES = (10_000, 100_000, 1_000_000)
QUICK = (10_000, 100_000)
HERE = Path(__file__).resolve().parent


class Target(NamedTuple):
    """What a figure should be.

    Attributes:
        bound: The target.
        at_least: Whether more is better; otherwise less is.
        fails: Beyond this a figure is a failure, not only a target missed.
    """

    bound: float
    at_least: bool = False
    fails: float | None = None

    def in_words(self) -> str:
        """The target in words."""
        text = f"{'at least' if self.at_least else 'at most'} {self.bound:,g}"
        return text if self.fails is None else f"{text} ({self.fails:,g} fails)"

    def verdict(self, value: float) -> str:
        """Whether a figure meets it."""
        if value >= self.bound if self.at_least else value <= self.bound:
            return "met"
        return "FAILED" if self.fails is not None and value > self.fails else "not met"


class Row(NamedTuple):
    """A line of the table.

    Attributes:
        name: What was measured.
        value: The figure; None if it could not be had.
        unit: Its unit.
        decimals: Decimals to print.
        target: What it should be, if that has been said.
        note: Why there is no figure, or what to know about it.
    """

    name: str
    value: float | None
    unit: str
    decimals: int = 2
    target: Target | None = None
    note: str = ""

    def cells(self) -> tuple[str, str, str, str]:
        """The row as printed."""
        shown = "not available" if self.value is None else f"{self.value:,.{self.decimals}f}"
        verdict = ""
        if self.target is not None and self.value is not None:
            verdict = self.target.verdict(self.value)
        if self.note:
            verdict = f"{verdict} ({self.note})" if verdict else self.note
        target = "" if self.target is None else self.target.in_words()
        return self.name, f"{shown} {self.unit}".strip(), target, verdict

    def as_data(self) -> dict[str, object]:
        """The row as JSON holds it."""
        data: dict[str, object] = {"name": self.name, "value": self.value, "unit": self.unit}
        if self.target is not None:
            data["target"] = self.target._asdict()
            data["verdict"] = None if self.value is None else self.target.verdict(self.value)
        return data | ({"note": self.note} if self.note else {})


CPU_TARGETS = {10_000: Target(0.2), 100_000: Target(0.75, fails=2.0), 1_000_000: Target(8.0)}
MEMORY_TARGETS = {1_000_000: Target(1.0)}
OPENING_TARGETS = {
    "import simulation": Target(0.02),
    "import simulation.model.corridor_model": Target(1.2),
    "crossings run, 30 days at scale 0.02": Target(1.8),
    "crossings compare, finished, asked again": Target(1.2),
    "crossings results report": Target(1.5),
}
RATIO_TARGET = Target(60.0, at_least=True)
GROWTH_TARGET = Target(12.0)  # 12 s for what ten times fewer people take 1 s for
SECOND_HALF_TARGET = Target(1.25)


def in_own_process(script: str, *arguments: str) -> dict[str, float]:
    """Run a script beside this file in a process of its own and read what it measured."""
    done = subprocess.run(
        [sys.executable, str(HERE / script), *arguments],
        stdout=subprocess.PIPE,
        check=True,
        text=True,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
    )
    measured: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return measured


def size_rows(entrants: int, measured: dict[str, float]) -> list[Row]:
    """What a year with so many entrants takes."""
    name = f"{entrants:,} entrants"
    return [
        Row(f"{name}: entered on the Balkan route", measured["entered"], "people", 0),
        Row(f"{name}: run loop, CPU", measured["cpu"], "s", 2, CPU_TARGETS.get(entrants)),
        Row(f"{name}: set-up, CPU", measured["setup"], "s"),
        Row(f"{name}: agent-days", measured["agent_days"] / 1e6, "million", 1),
        Row(f"{name}: CPU per agent-day", measured["ns"], "ns", 0),
        Row(f"{name}: peak memory", measured["memory_gb"], "GB", 2, MEMORY_TARGETS.get(entrants)),
    ]


def linearity_rows(measured: dict[int, dict[str, float]]) -> list[Row]:
    """Does the cost grow with people and days, and no faster?"""
    rows = []
    sizes = sorted(measured)
    for small, large in pairwise(sizes):
        times = measured[large]["cpu"] / measured[small]["cpu"]
        days = measured[large]["agent_days"] / measured[small]["agent_days"]
        note = f"{days:.1f} times the agent-days"
        name = f"CPU of {large:,} entrants against {small:,}"
        rows.append(Row(name, times, "times", 1, GROWTH_TARGET, note))
    last = measured[sizes[-1]]
    rows.append(
        Row(
            f"{sizes[-1]:,} entrants: CPU per agent-day, second half-year against first",
            last["second_half"],
            "times",
            2,
            SECOND_HALF_TARGET,
        )
    )
    return rows


def reference_rows(run_ns: float) -> list[Row]:
    """The people's day in plain Python, one object at a time, against the compiled one."""
    try:
        measured = in_own_process("reference.py")
    except subprocess.CalledProcessError:
        measured = {}  # what went wrong stands on stderr
    why = "" if measured.get("reference_ns") else str(measured.get("missing") or "it failed")
    reference = measured.get("reference_ns")
    kernel = measured.get("kernel_ns")
    ratio = None if reference is None else reference / run_ns
    return [
        Row("Reference implementation, people's day, CPU per agent-day", reference, "ns", 0,
            note=why),
        Row("Reference against the whole run loop (100,000 entrants)", ratio, "times", 1,
            RATIO_TARGET, why),
        Row("Reference against the compiled people's day",
            None if reference is None or kernel is None else reference / kernel, "times", 1,
            note=why),
    ]  # fmt: skip


def measure(sizes: tuple[int, ...], say: bool) -> list[Row]:
    """Measure everything, telling on stderr what is under way."""

    def tell(text: str) -> None:
        if say:
            print(text, file=sys.stderr, flush=True)

    rows: list[Row] = []
    measured: dict[int, dict[str, float]] = {}
    tell("Compiling ...")
    in_own_process("year.py", "1000")  # a compiler in a process would count as its memory
    for entrants in sizes:
        tell(f"A year with {entrants:,} entrants ...")
        measured[entrants] = in_own_process("year.py", str(entrants))
        rows += size_rows(entrants, measured[entrants])
    rows += linearity_rows(measured)
    tell("The reference implementation ...")
    rows += reference_rows(measured[100_000]["ns"])
    tell("The command line ...")
    rows.append(Row("crossings --help, wall", help_seconds(), "s", 2, Target(0.3)))
    rows += [
        Row(f"{name}, CPU", cpu, "s", 2, OPENING_TARGETS[name])
        for name, cpu in opening_cpu().items()
    ]
    rows.append(Row("notes on 600 levers, CPU", notes_seconds(600), "s", 2, Target(5.0)))
    rows.append(
        Row("crossings run, one replication of the baseline, wall", run_seconds(), "s", 1,
            Target(6.0))
    )  # fmt: skip
    rows.append(Row("crossings run, two days, nothing compiled yet, wall", first_run(), "s", 1))
    return rows


def print_table(rows: list[Row]) -> None:
    """Print the rows in columns as wide as what stands in them."""
    table = [("Figure", "Measured", "Target", ""), *(row.cells() for row in rows)]
    widths = [max(len(line[k]) for line in table) for k in range(3)]
    for number, line in enumerate(table):
        name, value, target, verdict = line
        text = f"{name:{widths[0]}}  {value:>{widths[1]}}  {target:{widths[2]}}  {verdict}"
        print(text.rstrip())
        if number == 0:
            print("-" * (sum(widths) + 12))


def publish(rows: list[Row], where: dict[str, str], as_json: bool, note: str = "") -> None:
    """Print the rows and where they were measured: as JSON, or as a table."""
    if as_json:
        print(json.dumps({"machine": where, "rows": [row.as_data() for row in rows]}, indent=1))
        return
    print_table(rows)
    versions = [f"{name} {where[name.lower()]}" for name in ("Python", "Numba", "NumPy")]
    print(
        f"\n{note}{', '.join(versions)}, {where['system']}, {where['cores']} cores, load before "
        f"{where['load']}."
    )


def machine() -> dict[str, str]:
    """On what this was measured."""
    import numba
    import numpy as np

    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    return {
        "python": platform.python_version(),
        "numba": numba.__version__,
        "numpy": np.__version__,
        "system": f"{platform.system()} {platform.machine()}",
        "cores": str(os.cpu_count()),
        "load": load,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure speed and memory of crossings.")
    parser.add_argument("--quick", action="store_true", help="Leave 1,000,000 entrants out.")
    parser.add_argument("--json", action="store_true", help="Print the figures as JSON.")
    asked = parser.parse_args()
    where = machine()
    rows = measure(QUICK if asked.quick else SIZES, say=not asked.json)
    publish(
        rows,
        where,
        asked.json,
        "CPU: the least of several runs, so that other work counts little. ",
    )


if __name__ == "__main__":
    main()
