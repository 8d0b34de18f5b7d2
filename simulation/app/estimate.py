"""What an estimate says: the sentences of a finished comparison that a visitor must read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from simulation.errors import InputError
from simulation.experiments.engine.result_folder import ResultFolder
from simulation.experiments.engine.stored_files import SUMMARY, read_findings
from simulation.experiments.findings import Effect
from simulation.experiments.studies.compare import ComparisonFindings
from simulation.outcomes import HEADLINE, OUTCOMES
from simulation.wording import assumptions as assumption_wording
from simulation.wording import differences as wording


@dataclass(frozen=True)
class EstimateText:
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


def read_estimate(folder: Path) -> EstimateText:
    """What the comparison in a folder found.

    Raises:
        InputError: There is none, or it is damaged or has changed since it was made.
    """
    if not (folder / SUMMARY).is_file():
        raise InputError("holds no finished comparison", file=folder)
    found = read_findings(folder, ComparisonFindings)
    if problem := ResultFolder(folder).changes().problem:
        raise InputError(problem, file=folder)
    try:
        return estimate_of(found)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise InputError("the results are damaged or of another version", file=folder) from error


def estimate_of(found: ComparisonFindings) -> EstimateText:
    """What a comparison of one scenario found."""
    scenario = found.scenarios[0]
    basis = wording.basis(found, typed=False)
    if scenario.identical:
        same = (
            f"the same as in the baseline, to the last digit in all {found.replications} pairs of "
            "runs: what it changes has no effect on anyone in the model within these days."
        )
        return EstimateText(
            f"{OUTCOMES[HEADLINE].label}: {same}",
            f"{OUTCOMES[wording.BESIDE].label}: {same}",
            wording.failures(found),
            basis,
        )
    arrivals, deaths = scenario.effect(HEADLINE), scenario.effect(wording.BESIDE)
    return EstimateText(
        _sentence(HEADLINE, arrivals, found, scenario.pairs_to_settle),
        _sentence(wording.BESIDE, deaths, found, None),
        " ".join(filter(None, (_not_a_success(arrivals, deaths), wording.failures(found)))),
        " ".join(filter(None, (basis, _precision(found)))),
    )


def _sentence(name: str, effect: Effect, found: ComparisonFindings, settle: int | None) -> str:
    more = wording.sureness(effect) if effect.detectable else ""
    if effect.low is not None and not effect.detectable:
        more = wording.no_effect(effect, settle, option=None)
    subject = f"{OUTCOMES[name].label}, {assumption_wording.average(found)}"
    return wording.effect(subject, name, effect, found, more)


def _not_a_success(arrivals: Effect, deaths: Effect) -> str:
    """A fall of arrivals with a rise of deaths is no success, and must be said."""
    clear = arrivals.detectable and deaths.detectable
    if clear and (arrivals.difference or 0.0) < 0 < (deaths.difference or 0.0):
        return "Fewer people arrive and more of them die: this is not a success."
    return ""


def _precision(found: ComparisonFindings) -> str:
    """How closely the difference is known, where that is less than is wanted."""
    reached, wanted = found.precision_reached, found.precision
    if reached is None or wanted is None or reached <= wanted or wording.ending(found):
        return ""  # or it is said already
    return (
        f"{found.replications} pairs tell the difference in arrivals to {reached:.1%} of the "
        "baseline's arrivals either way; more pairs would tell it more closely."
    )
