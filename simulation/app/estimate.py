"""What an estimate says: the sentences of a finished comparison that a visitor must read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulation.errors import InputError
from simulation.experiments.engine.result_folder import ResultFolder
from simulation.experiments.engine.stored_files import SUMMARY, read_summary
from simulation.outcomes import HEADLINE, OUTCOMES
from simulation.wording import assumptions as assumption_wording
from simulation.wording import differences as wording


@dataclass(frozen=True)
class Estimate:
    """A difference with its interval, in words.

    Attributes:
        arrivals: What it does to small-boat arrivals.
        deaths: What it does to deaths in the Channel.
        warning: What must not be missed; empty if nothing.
        basis: What the intervals are made of, and what is not in them.
    """

    arrivals: str
    deaths: str
    warning: str
    basis: str


def read_estimate(folder: Path) -> Estimate:
    """What the comparison in a folder found.

    Raises:
        InputError: There is none, or it is damaged or has changed since it was made.
    """
    if not (folder / SUMMARY).is_file():
        raise InputError("holds no finished comparison", file=folder)
    summary = read_summary(folder)
    if problem := ResultFolder(folder).changes().problem:
        raise InputError(problem, file=folder)
    try:
        return estimate_of(summary)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise InputError("the results are damaged or of another version", file=folder) from error


def estimate_of(summary: dict[str, Any]) -> Estimate:
    """What a comparison found.

    Args:
        summary: Content of its `summary.json`, of one scenario.
    """
    found = summary["scenarios"][0]
    if found["identical"]:
        pairs = summary["replications"]
        same = (
            f"the same as in the baseline, to the last digit in all {pairs} pairs of runs: what "
            "it changes has no effect on anyone in the model within these days."
        )
        return Estimate(
            f"{OUTCOMES[HEADLINE].label}: {same}",
            f"{OUTCOMES[wording.BESIDE].label}: {same}",
            wording.failures(summary),
            wording.basis(summary, typed=False),
        )
    arrivals, deaths = (
        found["outcomes"][name]["periods"]["run"] for name in (HEADLINE, wording.BESIDE)
    )
    warnings = [_not_a_success(arrivals, deaths), wording.failures(summary)]
    basis = [wording.basis(summary, typed=False), _precision(summary)]
    return Estimate(
        _sentence(HEADLINE, arrivals, summary, found.get("pairs_to_settle")),
        _sentence(wording.BESIDE, deaths, summary, None),
        " ".join(text for text in warnings if text),
        " ".join(text for text in basis if text),
    )


def _sentence(name: str, entry: dict[str, Any], summary: dict[str, Any], settle: int | None) -> str:
    more = wording.sureness(entry) if entry["detectable"] else ""
    if entry["low"] is not None and not entry["detectable"]:
        more = wording.no_effect(entry, settle, option=None)
    subject = f"{OUTCOMES[name].label}, {assumption_wording.average(summary)}"
    return wording.effect(subject, name, entry, summary, more)


def _not_a_success(arrivals: dict[str, Any], deaths: dict[str, Any]) -> str:
    """A fall of arrivals with a rise of deaths is no success, and must be said."""
    sure = arrivals["detectable"] and deaths["detectable"]
    if sure and arrivals["difference"] < 0 < deaths["difference"]:
        return "Fewer people arrive and more of them die: this is not a success."
    return ""


def _precision(summary: dict[str, Any]) -> str:
    """How closely the difference is known, where that is less than is wanted."""
    reached, wanted = summary["precision_reached"], summary["precision"]
    if reached is None or reached <= wanted or wording.ending(summary):
        return ""  # or it is told already
    return (
        f"{summary['replications']} pairs tell the difference in arrivals to {reached:.1%} of the "
        "baseline's arrivals either way; more pairs would tell it more closely."
    )
