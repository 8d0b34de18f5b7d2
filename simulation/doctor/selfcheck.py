"""A small run, whose numbers are compared with those pinned in the package.

What is pinned is written by `python -m simulation.doctor.pin` and by nothing else.
"""

from __future__ import annotations

import hashlib
import platform
import sys
import time
from collections.abc import Mapping
from importlib import import_module, metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from simulation.errors import InputError
from simulation.safe_json import read_json

if TYPE_CHECKING:
    from simulation.outcomes import RunRecord

PINNED = Path(__file__).with_name("pinned.json")
FORMAT = 1
WHAT = "self-check"
#: what the last bits of a run depend on beside the model: code is compiled for the processor, and
#: NumPy and the C library bring their own exponentials and logarithms
_LIBRARIES = ("llvmlite", "numba", "numpy")


CheckStatus = Literal["ok", "warn", "fail"]


class HealthCheck(NamedTuple):
    """One line of `crossings doctor`.

    Attributes:
        status: `ok`; `warn` for what works but should be known; `fail` for what does not work.
        what: What was looked at, in a word or two.
        text: The result, and what to do about it.
    """

    status: CheckStatus
    what: str
    text: str


def machine() -> dict[str, str]:
    """The properties of this machine on which the last bits of a run may depend."""
    import llvmlite.binding

    return {
        "system": platform.system(),
        "architecture": platform.machine(),
        "processor": llvmlite.binding.get_host_cpu_name(),
        "C library": " ".join(platform.libc_ver()).strip() or "unknown",
        "Python": ".".join(map(str, sys.version_info[:2])),
        **{name: metadata.version(name) for name in _LIBRARIES},
    }


def numbers(run: Mapping[str, Any]) -> tuple[dict[str, str], str]:
    """Run what is pinned.

    Args:
        run: `scenario`, `seed`, `scale` and `days`.

    Returns:
        Each outcome over the whole run, exact (hexadecimal); a digest of everything counted.
    """
    from simulation.model.corridor_model import simulate
    from simulation.outcomes import summarise
    from simulation.scenario import load_scenario

    record = simulate(
        load_scenario(run["scenario"]), seed=run["seed"], scale=run["scale"], days=run["days"]
    )
    outcomes = summarise(record, record.start, record.end)
    return {name: float(value).hex() for name, value in outcomes.items()}, digest(record)


def digest(record: RunRecord) -> str:
    """A digest of every series and every total of a run."""
    import numpy as np

    hasher = hashlib.sha256()

    def add(name: str, values: Any) -> None:
        # NaN has many bit patterns, of which any is as good
        array = np.ascontiguousarray(values, dtype="<f8")
        array = np.where(np.isnan(array), np.nan, array)
        hasher.update(name.encode() + b"\0" + array.tobytes() + b"\0")

    for name, value in sorted(vars(record).items()):
        if isinstance(value, dict):
            for key in sorted(value):
                add(f"{name}.{key}", value[key])
        elif isinstance(value, np.ndarray) and value.dtype.kind in "fiu":
            add(name, value)
    return hasher.hexdigest()


def read_pinned(path: Path = PINNED) -> dict[str, Any] | None:
    """The content of `pinned.json`, or None where it cannot be read."""
    try:
        content = read_json(path)
    except InputError:
        return None
    whole = isinstance(content, dict) and content.get("format") == FORMAT
    return content if whole else None


def check(pinned: dict[str, Any] | None) -> HealthCheck:
    """Run what is pinned and say whether the numbers are the same, to the last bit.

    Args:
        pinned: As `read_pinned` gives it.
    """
    if pinned is None:
        text = "the numbers to compare with cannot be read; install crossings again"
        return HealthCheck("fail", WHAT, text)
    import_module("simulation.model.corridor_model")
    started = time.perf_counter()
    try:
        values, digest_of_run = numbers(pinned["run"])
    except Exception as error:
        from simulation.engine.worker_pool import describe

        return HealthCheck("fail", WHAT, f"a small run failed: {describe(error)}")
    seconds = time.perf_counter() - started
    if values == pinned["numbers"] and digest_of_run == pinned["digest"]:
        text = "a small run gives the pinned numbers, to the last bit"
        return HealthCheck("ok", WHAT, f"{text} ({len(values)} outcomes, {seconds:.1f} s)")
    return differ(values, pinned, machine())


def differ(
    values: Mapping[str, str], pinned: Mapping[str, Any], here: Mapping[str, str]
) -> HealthCheck:
    """Describe numbers that differ from those pinned.

    Args:
        values: Each outcome, exact (hexadecimal).
        pinned: As `read_pinned` gives it.
        here: This machine, as `machine` gives it.
    """
    text = f"numbers differ from those pinned: {_which(values, pinned['numbers'])}. "
    pinned_on = pinned["machine"]
    unlike = [
        f"{name} {pinned_on.get(name, 'unknown')}, here {value}"
        for name, value in here.items()
        if pinned_on.get(name) != value
    ]
    if unlike:
        return HealthCheck(
            "warn",
            WHAT,
            f"{text}They were pinned on another machine ({'; '.join(unlike)}), and the last bits "
            "of a run can depend on that: results made here can be compared with each other, but "
            "not digit by digit with those of other machines",
        )
    return HealthCheck(
        "fail",
        WHAT,
        f"{text}Processor and libraries are those they were pinned on, so the model is another: "
        "install crossings again, or, if you changed the model on purpose, pin its numbers anew "
        "with: python -m simulation.doctor.pin",
    )


def _which(values: Mapping[str, str], wanted: Mapping[str, str]) -> str:
    unlike = [name for name in wanted if values.get(name) != wanted[name]]
    if not unlike:
        return "some in the series behind the outcomes"
    name = unlike[0]
    here, pinned = (repr(float.fromhex(one.get(name, "nan"))) for one in (values, wanted))
    return f"{name} {here}, pinned {pinned}, one of {len(unlike)} such outcomes"
