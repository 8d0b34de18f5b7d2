"""What an interval holds of the doubt about the assumptions, for the terminal and the report."""

from __future__ import annotations

from datetime import date

from simulation.engine.findings import Header
from simulation.statistics.paired import FEWEST_PAIRS, QUANTILES, SPREAD_PAIRS
from simulation.wording.quoting import number_of


def holds(summary: Header) -> str:
    """The sources of uncertainty in the intervals of a run or experiment, without a full stop."""
    assumptions, future = summary.assumptions, ", the future paths" * summary.draws_paths
    if summary.chosen_set is not None:
        return f"chance{future}, and what {one_set(summary)} does not hold"
    if assumptions == "fitted":
        drawn = summary.fitted is not None and summary.fitted.drawn
        fit = f"what the fit left open of the assumptions ({sets(summary)})"
        parts = f"chance{future}, {fit}"
        return f"{parts}, and the ranges of the others" if drawn else f"chance{future}, and {fit}"
    if assumptions == "ranges":
        return (
            f"chance{future}, and every assumption drawn from between its low and its high, each "
            "independently of the others"
        )
    if future:
        return "chance and the future paths: every assumption has its central value"
    return "chance only: every assumption has its central value"


def mean_of_draws(summary: Header) -> str:
    """A note for experiments in which each pair draws a set; empty where none does."""
    assumptions = summary.assumptions
    if assumptions == "records":
        return ""
    # an interval of a mean narrows with every draw, the doubt about which set is true does not
    text = "Pairs of one set count once in an interval"
    if summary.chosen_set is None:
        text += (
            ", which is for the average over the sets. Under a single set the effect may lie "
            "outside it"
        )
    text += "."
    if assumptions == "fitted":
        text += f" {counts(summary)}"
    return text


def average(summary: Header) -> str:
    """What a mean over pairs of runs is an average over."""
    if summary.chosen_set is not None:
        return f"average under set {summary.chosen_set}"
    return {
        "records": "average over futures" if summary.draws_paths else "average over chance",
        "ranges": "average over assumption sets drawn from their ranges",
        "fitted": "average over plausible assumption sets",
    }[summary.assumptions]


def counts(summary: Header) -> str:
    """How many assumptions are fitted, drawn and fixed, in a sentence; empty if none is fitted."""
    fitted = summary.fitted
    if summary.assumptions != "fitted" or fitted is None or fitted.records is None:
        return ""
    fixed = sum(fitted.fixed.values())
    drawn = [f"{fitted.drawn:,} drawn each on its own"] if fitted.drawn else []
    said = [f"{fitted.records:,} fitted together", *drawn, *([f"{fixed:,} fixed"] if fixed else [])]
    return f"Assumptions with a range: {', '.join(said)}."


def runs_of_one(summary: Header) -> str:
    """A sentence on the figures of several runs of one scenario, and on their ranges."""
    done = summary.replications
    text = f"Medians of {done} runs with different seeds. "
    if done < FEWEST_PAIRS:
        return f"{text}They are too few for a range: use --replications {FEWEST_PAIRS}."
    ends = f"from {QUANTILES}" if done >= SPREAD_PAIRS else "from the lowest to the highest"
    return (
        f"{text}Ranges go {ends} of these runs: {_holds_of_runs(summary)} Of deaths a range alone "
        "is quoted."
    )


def _holds_of_runs(summary: Header) -> str:
    """The sources of uncertainty in the ranges of one scenario's runs, to stand after a colon."""
    if summary.assumptions == "records":
        return "chance only, not doubt about the assumptions."
    fitted = counts(summary) if summary.assumptions == "fitted" else ""
    return f"{holds(summary)}. {fitted}".rstrip()


def one_run(summary: Header) -> str:
    """A sentence for a single run, which has no range, and on what more runs would show."""
    drawn = {
        "records": "One run, no range: use --replications to see what is chance.",
        "ranges": "One run, no range, with one set of assumptions drawn from their ranges: use "
        "--replications to see what chance and the assumptions do.",
        "fitted": f"One run, no range, with one of {sets(summary)}: use --replications to see "
        "what chance and the assumptions do.",
    }
    return f"{drawn[summary.assumptions]} Of deaths one run says nothing."


def sets(summary: Header) -> str:
    """How many sets there are to draw from, and what they were fitted to."""
    count = None if summary.fitted is None else summary.fitted.sets
    text = "sets" if count is None else number_of(count, "set", ",")
    years = fitted_years(summary)
    return f"{text} fitted to {years}" if years else f"{text} of the fit"


def one_set(summary: Header) -> str:
    """Which set a pair has: `one of 20 sets fitted to 2021-2025`."""
    which = "one" if summary.chosen_set is None else f"set {summary.chosen_set}"
    return f"{which} of {sets(summary)}"


def fitted_years(summary: Header) -> str:
    """The time an ensemble was fitted to: `2021-2023`; empty where that is not known."""
    window = None if summary.fitted is None else summary.fitted.window
    if not window:
        return ""
    first, last = window
    if first.endswith("-01") and last.endswith("-12"):
        begin, end = first[:4], last[:4]
        return begin if begin == end else f"{begin}-{end}"
    begin, end = (f"{date.fromisoformat(f'{month}-01'):%B %Y}" for month in (first, last))
    return begin if begin == end else f"{begin} to {end}"
