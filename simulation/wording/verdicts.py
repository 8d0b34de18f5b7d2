"""Verdicts in words: the one place from which every sentence, table and page takes them."""

from __future__ import annotations

from simulation.engine.findings import Effect
from simulation.engine.time_budget import in_words
from simulation.outcomes import OutcomeSpec
from simulation.statistics.paired import DIRECTION_PAIRS
from simulation.studies.effect_chain import spec_of
from simulation.wording import quoting

#: a verdict in a cell of a table
_SHORT = {
    "fall": "clear fall",
    "rise": "clear rise",
    "none": "no practical difference",
    "small": "too small to matter",
    "open": "cannot tell",
}
#: seconds of further computing, and how many times what was computed, beyond which none is advised
_HOUR, _MOST_MORE = 3600.0, 10.0
#: from here on further computing is stated in times of what there was, below it in percent
_ONCE = 1.5


def in_text(name: str) -> str:
    """The label of an outcome, or of a sum of links, within a sentence."""
    label = spec_of(name).label
    return label[:1].lower() + label[1:]


def few(entry: Effect) -> bool:
    """Whether too few independent pairs are behind an effect for a verdict."""
    if entry.interval is None:
        return True
    return entry.verdict == "open" and entry.independent < DIRECTION_PAIRS


def short(outcome: str, entry: Effect) -> str:
    """The verdict in a cell of a table."""
    if few(entry):
        return "too few pairs"
    if outcome in quoting.RANGE_ONLY and entry.verdict == "open":
        return "too few to tell"
    return _SHORT[entry.verdict]


def between(outcome: str, entry: Effect) -> str:
    """The interval of the average in words: `between 1.4% fewer and 2.3% more`, `4% to 9% fewer`.

    Args:
        outcome: The outcome.
        entry: The effect; it has an interval.
    """
    assert entry.interval is not None
    less, more = _ways(spec_of(outcome))
    low, high = entry.interval
    low_text, high_text = quoting.sizes(outcome, entry)
    unit = quoting.unit(outcome, entry)
    unit = f" {unit}" if unit and outcome not in quoting.RANGE_ONLY else ""
    if quoting.same(entry.interval) and (not low or outcome in quoting.RANGE_ONLY):
        return quoting.interval(outcome, entry)
    if low < 0.0 < high:
        return f"between {low_text} {less} and {high_text} {more}{unit}"
    near, far = (low_text, high_text) if low >= 0.0 else (high_text, low_text)
    size = near if near == far else f"{near} to {far}"
    return f"{size} {more if low >= 0.0 else less}{unit}"


def phrase(outcome: str, entry: Effect) -> str:
    """What is known of an effect: `no practical difference, between 1.4% fewer and 2.3% more`."""
    if entry.interval is None:
        return quoting.NO_INTERVAL
    span = between(outcome, entry)
    if few(entry):
        return f"too few pairs ({entry.independent}) for a verdict: {span}"
    if outcome in quoting.RANGE_ONLY:
        return f"too few to tell: {span}" if entry.verdict == "open" else span
    leads = {
        "none": "no practical difference, ",
        "small": "a difference too small to matter, ",
        "open": "cannot tell: ",
    }
    return f"{leads.get(entry.verdict, '')}{span}"


def finding(outcome: str, entry: Effect, days: str) -> str:
    """An effect in the words of a heading: `4% to 9% fewer small-boat arrivals, 2027 to 2028`.

    Args:
        outcome: The outcome.
        entry: The effect.
        days: The days that are counted, in words.
    """
    what = f"{in_text(outcome)}, {days}"
    if few(entry):
        return f"too few pairs of runs to tell the effect on {what}"
    span = between(outcome, entry)
    if entry.verdict == "none":
        return f"no practical difference to {what} ({span})"
    if entry.verdict == "small":
        return f"too small a difference to matter to {what} ({span})"
    if entry.verdict == "open":
        return f"cannot tell the effect on {what} ({span})"
    return f"{span.removesuffix(quoting.unit(outcome, entry)).rstrip()} {what}"


def margin(entry: Effect) -> str:
    """The margin of an effect in words; empty where it has none."""
    return "" if entry.margin is None else f"{entry.margin:g}%"


def range_of_worlds(outcome: str, entry: Effect) -> str:
    """A sentence on how far single worlds lie apart; empty without that range."""
    if entry.plausible is None or quoting.same(entry.plausible):
        return ""
    text = f"Range of worlds: {quoting.plausible_in_unit(outcome, entry)} in nine of ten"
    if outcome in quoting.RANGE_ONLY:
        return f"{text}."
    return f"{text}, middle {quoting.median(outcome, entry)}."


def more_runs(entry: Effect, settle: int | None, option: str | None, seconds: float | None) -> str:
    """Whether more runs would settle an open verdict, and how many; empty for any other.

    Args:
        entry: The effect.
        settle: Pairs that would probably settle it; None where no number would.
        option: What to give the command for that many, if there is a command.
        seconds: What a pair takes, if that was measured.
    """
    if entry.verdict != "open" or entry.interval is None:
        return ""
    if few(entry):
        settle = max(settle or 0, DIRECTION_PAIRS)
    if settle is None:
        return "More runs would not settle it: what is left is how worlds differ."
    more = max(settle - entry.pairs, 1)
    cost, worth = computing(more, entry.pairs, seconds)
    if not worth:
        return "More runs would hardly settle it: what is left is how worlds differ."
    typed = f", {option} {settle}" if option else ""
    return (
        f"More runs would help: some {quoting.number_of(more, 'more pair', ',')} ({cost}{typed})."
    )


def computing(more: int, pairs: int, seconds: float | None) -> tuple[str, bool]:
    """How much computing further pairs of runs are, in words, and whether they are advised.

    Args:
        more: Further pairs.
        pairs: Pairs that there are.
        seconds: What a pair takes, if that was measured.

    Returns:
        `about 20 minutes here`, or where no time was measured a multiple of what was computed; and
        whether that is less than an hour, or than `_MOST_MORE` times as much.
    """
    if seconds is not None:
        return f"about {in_words(more * seconds)} here", more * seconds <= _HOUR
    times = more / pairs
    part = f"{times:.0f} times" if times >= _ONCE else f"{max(times, 0.01):.0%} of"
    return f"about {part} the computing so far", times <= _MOST_MORE


def _ways(spec: OutcomeSpec) -> tuple[str, str]:
    """The words for less and for more of an outcome."""
    counted = spec.kind == "flow" and spec.unit != "EUR"
    return ("fewer", "more") if counted else ("lower", "higher")
