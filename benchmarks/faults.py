"""What goes wrong in a long night, and whether everything finished is still there afterwards.

    uv run --group dev python benchmarks/faults.py [--quick] [--json]
        [--only interruptions,worker,...] [--interruptions N] [--seed S]

Kills processes, fills disks, spoils files, sets clocks, starts one experiment twice, and interrupts
at random moments; after each the same command goes on, and its numbers must equal those of an
undisturbed run to the last bit. The experiments are tiny and their model is a stand-in; processes,
files and locks are the program's own. Needs Linux. Prints a table, and ends with exit code 1 if any
fault was not survived.
"""

# ruff: noqa: E402 (the folder of the project comes before what lies in it)
from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import NamedTuple

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).resolve().parents[1])]

from fault_stage import ROOT, SEEDS, Command, Stage, must, simulate

from simulation.engine.run_store import STORE
from tests.every_kind import results_of

NOBODY = 65534


class Result(NamedTuple):
    """What became of one kind of fault.

    Attributes:
        fault: What was done.
        tries: How often.
        survived: How often it was survived.
        seconds: How long it took.
        note: How it was done, or why it could not be.
    """

    fault: str
    tries: int
    survived: int
    seconds: float
    note: str = ""


# -- killed ---------------------------------------------------------------------------------------


def worker(stage: Stage, r: Random) -> str:
    """Kill -9 of a worker: its run alone is lost, and run again."""
    process = stage.compare("out")
    stage.wait_for("out", r.randrange(1, SEEDS), process)
    victims = stage.workers()
    if victims:
        os.kill(r.choice(victims), signal.SIGKILL)
    code, message = process.finish()
    must(code == 0, f"exit {code}: {message[-300:]}")
    failed = json.loads((stage.folder / "out" / "summary.json").read_text())["failed"]
    must(len(failed) <= 1, "more than one run is lost")
    return _goes_on(stage)


def parent(stage: Stage, r: Random) -> str:
    """Kill -9 of the command itself: its workers end, and the next attempt takes over all."""
    process = stage.compare("out")
    stage.wait_for("out", r.randrange(1, 2 * SEEDS - 2), process)
    process.send(signal.SIGKILL)
    process.finish()
    finished = stage.finished("out")
    note = _goes_on(stage)
    must(finished <= stage.finished("out"), "finished runs are gone")
    stage.until(lambda: not stage.workers())
    return note


def group(stage: Stage, r: Random) -> str:
    """Kill -9 of the command and all its workers at once, as when the power fails."""
    process = stage.compare("out")
    stage.wait_for("out", r.randrange(1, 2 * SEEDS - 2), process)
    process.send_to_all(signal.SIGKILL)
    process.finish()
    return _goes_on(stage)


def _goes_on(stage: Stage) -> str:
    """The same command again: nothing finished is run twice, and the bits are the same."""
    finished = len(stage.finished("out"))
    _to_its_end(stage.compare("out"))
    runs = stage.manifest("out")["runs"]
    # with nothing left to run, the manifest may be that of the attempt that ran all
    over = runs["taken_over"] + (runs["ran"] if finished == 2 * SEEDS else 0)
    must(over >= finished, f"{finished} were finished, {over} taken over")
    must(runs["failed"] == 0, "runs failed")
    must(stage.numbers("out") == stage.undisturbed(), "other numbers than undisturbed")
    return ""


def _to_its_end(again: Command) -> str:
    """What the same command says, which must come to its end."""
    code, message = again.finish()
    must(code == 0, f"the same command ends with {code}: {message[-300:]}")
    return message


def dask(stage: Stage, r: Random) -> str:
    """Kill -9 of one of two Dask workers: the other does its runs as well."""
    from simulation.engine.cluster import Cluster
    from simulation.engine.options import Options
    from simulation.scenario import load_scenario
    from simulation.studies.compare import Precision
    from tests.conducting import compare
    from tests.machines import Machines

    base, other = (load_scenario(stage.folder / f"{name}.toml") for name in ("small", "other"))
    paths = os.pathsep.join((str(ROOT), str(Path(__file__).parent)))
    machines = Machines(stage.folder, 2, PYTHONPATH=paths, STAGE=str(stage.folder))
    try:
        seen = threading.Event()
        after = r.randrange(1, SEEDS)
        killer = threading.Thread(target=lambda: (seen.wait(60), r.choice(machines.workers).kill()))
        killer.start()
        os.environ["STAGE"], os.environ["TAKES"] = str(stage.folder), str(stage.takes)
        done = compare(
            base, [other],
            Options(out=stage.folder / "out", cluster=Cluster(machines.address)),
            Precision(SEEDS),
            progress=lambda p: seen.set() if p.finished >= after else None, simulate=simulate,
        )  # fmt: skip
        killer.join()
    finally:
        machines.end()
    must(not done.findings.failed, "runs failed")
    here = Options(out=stage.folder / "here", workers=2)
    again = compare(base, [other], here, Precision(SEEDS), simulate=simulate)
    same = stage.numbers(done.folder.name) == stage.numbers(again.folder.name)
    must(same, "other numbers than on this machine")
    return ""


# -- disks and files ------------------------------------------------------------------------------


def disk_full(stage: Stage, r: Random) -> str:
    """No room left in the middle: one line says so, and with more room the command goes on."""
    room = stage.folder / "out"
    room.mkdir()
    small = ["mount", "-t", "tmpfs", "-o", f"size={r.randrange(60, 160)}k", "tmpfs", str(room)]
    is_root = os.geteuid() == 0 and shutil.which("mount")
    if is_root and subprocess.run(small, capture_output=True, check=False).returncode == 0:
        try:
            code, message = stage.compare("out").finish()
            _one_line(code, message)
            subprocess.run(
                ["mount", "-o", "remount,size=100m", str(room)], check=True, capture_output=True
            )
            _goes_on(stage)
        finally:
            subprocess.run(["umount", "-l", str(room)], check=False, capture_output=True)
        return "a small tmpfs"
    code, message = stage.compare("out", LIMIT=str(r.randrange(20_000, 60_000))).finish()
    _one_line(code, message)
    _goes_on(stage)
    return "files limited in size (RLIMIT_FSIZE)"


def _one_line(code: int, message: str) -> None:
    must(code == 2, f"exit {code}: {message[-300:]}")
    must(message.count("\n") == 1, f"not one line: {message[-300:]}")


def spoilt(stage: Stage, r: Random) -> str:
    """Parquet tables of a finished run with a bit flipped or cut short: told, and run again."""
    must(stage.run("whole").finish()[0] == 0, "the undisturbed run failed")
    shutil.copytree(stage.folder / "whole", stage.folder / "out")
    path = stage.folder / "out" / r.choice(
        [file.name for file in (stage.folder / "out").glob("*.parquet")]
    )  # fmt: skip
    _spoil(path, r)
    code, message = stage.start("results", "report", "out", "--quiet").finish()
    _one_line(code, message)
    must(path.name in message, f"not named: {message[-300:]}")
    return _restored(stage, stage.run("out"))


def _restored(stage: Stage, again: Command) -> str:
    """The same command on a spoilt run: its files are those of the undisturbed one."""
    _to_its_end(again)
    must(
        results_of(stage.folder / "out") == results_of(stage.folder / "whole"),
        "other numbers than undisturbed",
    )
    return "a bit flipped, or cut short"


def spoilt_part(stage: Stage, r: Random) -> str:
    """A finished part of an interrupted run cut short: that part is run again."""
    must(stage.run("whole", 8).finish()[0] == 0, "the undisturbed run failed")
    process = stage.run("out", 8)
    parts = stage.folder / "out" / ".parts"
    stage.until(lambda: len(list(parts.glob("replication-*"))) >= 2 or process.poll() is not None)
    process.send_to_all(signal.SIGKILL)
    process.finish()
    tables = sorted(parts.glob("replication-*/*.parquet"))
    if tables:
        _cut(r.choice(tables), r)
    return _restored(stage, stage.run("out", 8))


def _spoil(path: Path, r: Random) -> None:
    if r.random() < 0.5:
        _cut(path, r)
    else:
        _flip(path, r)


def _cut(path: Path, r: Random) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: r.randrange(len(content))])


def _flip(path: Path, r: Random) -> None:
    content = bytearray(path.read_bytes())
    content[r.randrange(len(content))] ^= 1 << r.randrange(8)
    path.write_bytes(bytes(content))


def store(stage: Stage, r: Random) -> str:
    """The store of an experiment spoilt: what cannot be read is told and run again."""
    process = stage.compare("out")
    stage.wait_for("out", SEEDS, process)
    process.send_to_all(signal.SIGKILL)
    process.finish()
    _cut(stage.folder / "out" / STORE, r)
    _goes_on(stage)
    return "cut short"


def read_only(stage: Stage, r: Random) -> str:
    """A folder that cannot be written: told in one line before anything is run."""
    out = stage.folder / "out"
    out.mkdir()
    user = NOBODY if os.geteuid() == 0 else None
    for path in (stage.folder, *stage.folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    out.chmod(0o555)
    note = "as another user than root" if user else ""
    try:
        process = stage.compare("out", user=user)
        code, message = process.finish()
    finally:
        out.chmod(0o755)
    _one_line(code, message)
    must("cannot be written" in message, message[-300:])
    must(not list(out.iterdir()), "something was written")
    return note


# -- clocks and company ---------------------------------------------------------------------------


def clock(stage: Stage, r: Random) -> str:
    """A clock that is set on and back by days and years between any two looks at it."""
    process = stage.compare("out", CLOCK="jumps")
    stage.wait_for("out", r.randrange(1, SEEDS), process)
    process.send(signal.SIGINT)
    process.finish()
    code, message = stage.compare("out", CLOCK="jumps").finish()
    must(code == 0, f"exit {code}: {message[-300:]}")
    must(stage.numbers("out") == stage.undisturbed(), "other numbers than undisturbed")
    return "time.time and datetime.now patched"


def twice(stage: Stage, r: Random) -> str:
    """Two experiments at once in one folder: one writes, the other is told; so is a third kind."""
    first = stage.compare("out")
    time.sleep(r.random() * 1.5)
    second, other = stage.compare("out"), stage.run("out")
    ended = [process.finish() for process in (first, second, other)]
    codes = [code for code, _ in ended]
    must(0 in codes, f"none went on: {codes}")
    for code, message in ended:
        if code:
            _one_line(code, message)
    if codes[2] == 0:  # the run came first, and the folder is its own
        must(codes[:2] == [2, 2], f"two kinds in one folder: {codes}")
    else:
        must(stage.numbers("out") == stage.undisturbed(), "other numbers than undisturbed")
    return ""


# -- interrupted ----------------------------------------------------------------------------------


def interruptions(stage: Stage, r: Random, count: int) -> tuple[int, int, int]:
    """Ctrl-C or kill -9 at random moments, then the same command, until the experiment is done.

    Args:
        stage: Where.
        r: When and what.
        count: Interruptions at least.

    Returns:
        How many were made, in how many experiments, and how many of these were lost.
    """
    began = time.monotonic()
    stage.undisturbed()
    length = time.monotonic() - began
    interrupted = experiments = lost = 0
    while interrupted < count:
        out = f"out{experiments}"
        experiments += 1
        moments = _Moments(r, length, count - interrupted)
        try:
            _until_done(stage, out, moments)
        except Exception as error:
            lost += 1
            print(f"interruptions: {type(error).__name__}: {error}", file=sys.stderr)
        interrupted += moments.interrupted
        shutil.rmtree(stage.folder / out, ignore_errors=True)
    return interrupted, experiments, lost


class _Moments:
    """Interrupts processes after random times, until it has made as many as are wanted."""

    def __init__(self, r: Random, length: float, wanted: int) -> None:
        self._r = r
        self._length = length
        self._wanted = wanted
        self.interrupted = 0

    def interrupt(self, process: Command) -> None:
        """Wait, and interrupt it if it is still there: it alone, or with all it started."""
        if self.interrupted >= self._wanted:
            return
        time.sleep(self._r.random() * self._length)
        if process.poll() is not None:
            return
        what = self._r.choice((signal.SIGINT, signal.SIGKILL))
        (process.send_to_all if self._r.random() < 0.5 else process.send)(what)
        self.interrupted += 1


def _until_done(stage: Stage, out: str, moments: _Moments) -> None:
    """The same command again and again until it is not interrupted any more."""
    finished: set[tuple[str, int]] = set()
    while True:
        process = stage.compare(out)
        moments.interrupt(process)
        code, message = process.finish()
        must(code in (0, 130, -2, -9), f"exit {code}: {message[-300:]}")
        if not (stage.folder / out / STORE).is_file():
            continue
        now = stage.finished(out)
        must(finished <= now, f"{len(finished - now)} finished runs are gone")
        finished = now
        if code == 0:
            break
    must(stage.numbers(out) == stage.undisturbed(), "other numbers than undisturbed")
    must(stage.manifest(out)["status"] == "complete", "not complete")
    scraps = list((stage.folder / out).rglob(".scrap-*"))
    must(not scraps, f"half-written files stay: {scraps[:3]}")


# -- the table ------------------------------------------------------------------------------------

# Dask comes last: it starts threads, and what is forked afterwards could hang
#: fault -> what is done, how often, and how often with --quick
FAULTS: dict[str, tuple[Callable[[Stage, Random], str], int, int]] = {
    "worker": (worker, 10, 2),
    "parent": (parent, 10, 2),
    "group": (group, 10, 2),
    "disk_full": (disk_full, 10, 1),
    "spoilt": (spoilt, 10, 3),
    "spoilt_part": (spoilt_part, 10, 2),
    "store": (store, 10, 1),
    "read_only": (read_only, 2, 1),
    "clock": (clock, 5, 1),
    "twice": (twice, 10, 2),
    "dask": (dask, 5, 1),
}
INTERRUPTIONS, QUICK_INTERRUPTIONS = 10, 8


def try_fault(name: str, tries: int, seed: int = 1) -> Result:
    """Do one kind of fault some times, each in a folder of its own."""
    act, survived, note = FAULTS[name][0], 0, ""
    began = time.monotonic()
    for number in range(tries):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            Path(folder).chmod(0o755)
            try:
                note = act(Stage(Path(folder) / "stage"), Random(f"{name} {seed} {number}")) or note
                survived += 1
            except Exception as error:
                print(f"{name} {number}: {type(error).__name__}: {error}", file=sys.stderr)
    words = " ".join((act.__doc__ or name).partition(":")[0].rstrip(".").split())
    return Result(words, tries, survived, time.monotonic() - began, note)


def try_interruptions(count: int, seed: int = 1) -> Result:
    """Interrupt at random moments and go on."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        interrupted, experiments, lost = interruptions(
            Stage(Path(folder) / "stage"), Random(seed), count
        )
    fault = "Interrupted at a random moment, then the same command"
    note = f"in {experiments} experiments, SIGINT and SIGKILL by turns of a die"
    return Result(fault, interrupted, interrupted - lost, time.monotonic() - began, note)


def main() -> int:
    """Disturb, and tell."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--interruptions", type=int)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    faults = ["interruptions", *FAULTS]
    wanted = options.only.split(",") if options.only else faults
    if unknown := [name for name in wanted if name not in faults]:
        parser.error(f"--only: {unknown[0]} is not one of {', '.join(faults)}")
    results = []
    for name in wanted:
        if name in FAULTS:
            results.append(try_fault(name, FAULTS[name][2 if options.quick else 1], options.seed))
        else:
            usual = QUICK_INTERRUPTIONS if options.quick else INTERRUPTIONS
            results.append(try_interruptions(options.interruptions or usual, options.seed))
        if not options.json:
            row = results[-1]
            print(
                f"{row.fault[:66]:66} {row.survived:4} of {row.tries:<4} {row.seconds:6.0f} s"
                f"  {row.note}", flush=True,
            )  # fmt: skip
    if options.json:
        print(json.dumps([row._asdict() for row in results], indent=1))
    return 0 if all(row.survived == row.tries for row in results) else 1


if __name__ == "__main__":
    sys.exit(main())
