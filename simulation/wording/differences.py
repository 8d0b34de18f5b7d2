"""Differences in words, for the terminal and the report alike."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

from simulation.engine.findings import (
    Damage,
    Difference,
    Effect,
    ExperimentFindings,
    Failure,
    Header,
    StepEffect,
    Window,
)
from simulation.engine.result_folder import listed
from simulation.engine.time_budget import exactly, in_words
from simulation.outcomes import (
    long_date,
    period_label,
    periods,
)
from simulation.statistics.paired import (
    DIRECTION_PAIRS,
    FEWEST_PAIRS,
    SPREAD_PAIRS,
    most_sure,
)
from simulation.studies.compare import (
    ComparisonFindings,
    LadderRung,
    ScenarioEffects,
)
from simulation.studies.effect_chain import spec_of
from simulation.studies.options import COST
from simulation.studies.since_change import SinceChange
from simulation.wording import assumptions as assumption_wording
from simulation.wording import quoting, worlds

#: what stands beside every headline: crossings are never reported without deaths
BESIDE = "channel_deaths"
#: what may be quoted of deaths; pages repeat it, and every headline keeps to it
DEATHS_RULE = (
    "Of deaths, quote the range of the change and whether it has a direction. Never quote a single "
    "number, neither of deaths nor of their change."
)
#: the outcomes reported first: never arrivals without deaths
HEADLINES = ("channel_arrivals", BESIDE)
#: these in words that begin a line
_SUBJECTS = tuple(zip(("Small-boat arrivals", "Deaths in the Channel"), HEADLINES, strict=True))
#: responses of smugglers, and of people, in a few words
_RESPONSES = {
    "route": "routes move",
    "price": "fees move",
    "load": "fuller boats",
    "recruitment": "the arrested are replaced",
    "going_dark": "the known lie low",
    "beliefs": "people learn of risks",
}
#: a probability this near to 1 is not written in figures: two digits would round it to 1
_CERTAIN = 0.99
#: seconds of further computing, and how many times what was computed, beyond which none is advised
_HOUR, _MOST_MORE = 3600.0, 10.0
#: the first words of what stands where too few pairs are behind a range
_NO_RANGE = "We cannot tell yet how far plausible worlds lie apart"
#: an effect within so many percent on both sides is little
LITTLE = 1.0
#: what is said of an effect whose range holds zero
_STANDINGS = {
    "little": "Little effect under most plausible worlds.",
    "unknown": "We cannot tell yet which way it goes: more runs would help.",
    "either": "Plausible worlds differ in which way it goes.",
}
#: from here on further computing is told in times of what there was, below it in percent
_ONCE = 1.5


def in_text(name: str) -> str:
    """The label of an outcome, or of a sum of links, within a sentence."""
    label = spec_of(name).label
    return label[:1].lower() + label[1:]


def rank_label(rank: str) -> str:
    """What ranks options, within a sentence."""
    return "cost" if rank == COST else in_text(rank)


def direction_of_deaths(entry: Effect) -> str:
    """Whether there are fewer or more deaths over worlds, or on average where these have none."""
    low, _ = entry.plausible or entry.interval or (0.0, 0.0)
    return "no direction" if not entry.is_clear else "more" if low > 0.0 else "fewer"


def change(outcome: str, entry: Difference, coverage: float) -> str:
    """A difference with its interval, as it is quoted; of deaths its interval alone."""
    if not quoting.has_value(outcome, entry):
        return quoting.NO_INTERVAL if outcome in quoting.RANGE_ONLY else "no value"
    inside, unit = quoting.interval(outcome, entry), quoting.unit(outcome, entry)
    apart = entry.interval is not None and not quoting.same(entry.interval)
    covered = f"{round(coverage * 100)}% interval"
    if outcome in quoting.RANGE_ONLY:
        return f"{inside} {unit} ({covered})" if apart else inside
    middle = f"{quoting.difference(outcome, entry)} {unit}".rstrip()
    return f"{middle} ({covered} {inside})" if apart else f"{middle} ({inside})"


def years(effects: ScenarioEffects, summary: ComparisonFindings) -> list[tuple[str, Effect]]:
    """The difference of the headline by calendar year, then by year since the first change."""
    name = summary.headline
    calendar = effects.outcomes[name].periods
    outside = summary.horizon
    labels = {
        period: outside.marked(period_label(period, *window), *window)
        for period, window in periods(*summary.days).items()
    }
    rows = [(labels[period], calendar[period]) for period in calendar if period != "run"]
    since = effects.since
    if len(rows) < 2 and (since is None or len(since.windows) < 2):
        return []  # a single year is the whole run
    if since is not None:
        calendar_years = [Window.between(*days) for days in periods(*summary.days).values()]
        rows += [
            (since_label(since, year, summary), entry)
            for year, entry in since.outcomes[name].periods.items()
            if since.windows[year] not in calendar_years
        ]
    return [(label, entry) for label, entry in rows if entry.mean_difference is not None]


def since_label(since: SinceChange, year: str, summary: ExperimentFindings) -> str:
    """A year since the first change in words: `year 1 since the change (Oct 2026 to Sep 2027)`.

    Where some of it lies outside the data, it says so at its end.
    """
    first, last = since.windows[year].days
    begin, end = (f"{day:%b %Y}" for day in (first, last))
    text = f"{year} since the change ({begin if begin == end else f'{begin} to {end}'})"
    return summary.horizon.marked(text, first, last)


def sureness(entry: Effect) -> str:
    """How probable the direction of an average difference is, or why that is not said."""
    if entry.interval is None or not entry.way or entry.mean_probability is None:
        return ""
    if entry.independent < DIRECTION_PAIRS:
        return too_few_for_direction(entry)
    most = float(most_sure(entry.independent))
    said = f"probability that the average is {direction(entry)}"
    if entry.mean_probability > _CERTAIN:
        return f"{said}: above {_CERTAIN}"
    if entry.mean_probability >= most:
        # rounded down, so that it stays within what is said
        return f"{said}: {int(100.0 * most) / 100.0:.2f}, the most that {_counted(entry)} show"
    return f"{said}: {entry.mean_probability:.2f}"


def _counted(entry: Difference) -> str:
    """The independent differences behind an interval, in words."""
    if entry.groups is None:
        return f"{entry.pairs} pairs"
    return f"{entry.pairs} pairs of {entry.groups} sets or paths"


def direction(entry: Difference) -> str:
    """Which way a difference goes: `a rise` or `a fall`."""
    return "a fall" if entry.way < 0.0 else "a rise"


def too_few_for_direction(entry: Difference, option: str | None = None) -> str:
    """A sentence for too few pairs to show a direction, with the number that would be enough.

    Args:
        entry: The difference.
        option: What to give the command for that many, if there is a command.
    """
    return (
        f"too few pairs ({entry.independent}) to say whether it is {direction(entry)}: that needs "
        f"{DIRECTION_PAIRS} or more{f' ({option} {DIRECTION_PAIRS})' if option else ''}"
    )


def few_for_directions(pairs: int) -> str:
    """A sentence for too few pairs to call a difference a rise or a fall."""
    return (
        f"{pairs} pairs are too few to call any difference a rise or a fall: that needs "
        f"{DIRECTION_PAIRS}."
    )


def no_effect(
    outcome: str,
    entry: Effect,
    settle: int | None = None,
    *,
    option: str | None = "--replications",
    seconds: float | None = None,
) -> str:
    """The words for a difference that has no clear direction.

    How large it can still be, and how many more pairs would probably (`paired.POWER`) show one of
    the size that is seen.

    Args:
        outcome: The outcome.
        entry: The difference. Its interval holds zero, or there are too few pairs.
        settle: Pairs that would do; None where nobody can say.
        option: What to give the command for that many, if there is a command.
        seconds: What a pair takes, if that was measured.
    """
    if quoting.without_direction(entry):
        return too_few_for_direction(entry, option if settle is not None else None)
    text = "no detectable effect"
    if outcome in quoting.RANGE_ONLY:
        return text
    if most := quoting.largest(outcome, entry):
        text += f"; if there is one, it is most likely smaller than {most}"
    if settle is None or settle <= entry.pairs:
        return text
    more = settle - entry.pairs
    cost, worth = computing(more, entry.pairs, seconds)
    if not worth:
        return f"{text}; to show one as small as it looks would take {cost}, hardly worth it"
    pairs = "one more pair" if more == 1 else f"some {more:,} more pairs"
    text += f"; if it is as large as it looks, {pairs} of runs ({cost}) would probably show it"
    return f"{text} ({option} {settle})" if option else text


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


def question(summary: ComparisonFindings) -> str:
    """What is compared with what, which names a comparison."""
    first, *others = summary.scenarios
    what = f"{len(summary.scenarios)} scenarios" if others else f"“{first.title}”"
    return f"{what} against “{summary.baseline}”"


def headline(effects: ScenarioEffects, summary: ComparisonFindings) -> str:
    """The effect of a scenario in lines: arrivals with their interval, and deaths beside them.

    Args:
        effects: What the scenario changes.
        summary: The findings of the comparison.
    """
    name = summary.headline
    entry = effects.effect(name)
    beside = effects.effect(BESIDE)
    when = span(summary)
    if effects.identical:
        return (
            f"“{effects.title}” gives the same numbers as “{summary.baseline}” {when}, in all "
            f"{entry.pairs} pairs of runs: it has no effect on anyone in the model."
        )
    seconds = None if summary.ended is None else summary.ended.seconds_per_pair
    settle = effects.pairs_to_settle
    opening = f"“{effects.title}” against “{summary.baseline}”, {when}."
    (first, _), (second, _) = _SUBJECTS
    arrivals = effect_lines(first, name, entry, summary, settle, seconds=seconds)
    at = 2 if entry.plausible is not None else len(arrivals)
    sentences = [
        opening,
        *arrivals[:at],
        *worlds.by_path(name, effects.by_path),
        *arrivals[at:],
        *effect_lines(second, BESIDE, beside, summary, option=None),
    ]
    return "\n".join(sentences)


def main_points(lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """The lines of a headline that answer the question, and those that say how well it is known.

    Args:
        lines: What is said first, then the lines of `effect_lines` of each outcome.

    Returns:
        The first line, those of arrivals and of deaths, and why there is no range where there is
        none; then all others.
    """
    starts = (*(subject for subject, _ in _SUBJECTS), _NO_RANGE)
    first, *others = lines
    main = [line for line in others if line.startswith(starts)]
    return [first, *main], [line for line in others if line not in main]


def answer(effects: ScenarioEffects, summary: ComparisonFindings) -> list[str]:
    """The answer in two sentences below what was asked: arrivals, and deaths beside them.

    Args:
        effects: What the scenario changes; of several scenarios, the first of them.
        summary: The findings of the comparison.
    """
    share = effects.probability_best
    often = "" if share is None else f", the best in {of_100(share)} worlds"
    lines = [f"{question(summary)}, {span(summary)}."]
    if len(summary.scenarios) > 1:
        lines[0] += f" Of “{effects.title}”{often}:"
    for subject, name in _SUBJECTS:
        entry = effects.effect(name)
        # without a range over worlds the first line says why, and the average follows
        whole = effect_lines(subject, name, entry, summary, option=None)
        lines += whole[:1] if entry.plausible else whole
    return lines


def effect_lines(
    subject: str,
    outcome: str,
    entry: Effect,
    summary: Header,
    settle: int | None = None,
    *,
    option: str | None = "--replications",
    seconds: float | None = None,
) -> list[str]:
    """An effect in lines: its range over worlds, its middle, how well these are known, the average.

    Without a range a line says why, and the average stands alone. Of what has a range only, there
    is one line.

    Args:
        subject: What a line begins with.
        outcome: The outcome.
        entry: The effect.
        summary: The findings.
        settle: Pairs that would probably show the average; None where nobody can say.
        option: What to give the command for that many, if there is a command.
        seconds: What a pair takes, if that was measured.
    """
    average = assumption_wording.average(summary)
    mean = change(outcome, entry, summary.coverage)
    if entry.plausible is None:
        more = sureness(entry) if entry.detectable else ""
        if entry.interval is not None and not entry.detectable:
            more = no_effect(outcome, entry, settle, option=option, seconds=seconds)
        line = f"{subject}, {average}: {', '.join(filter(None, (mean, more)))}."
        return [line] if outcome in quoting.RANGE_ONLY else [_no_range(entry), line]
    lines = [f"{subject}: {over_worlds(outcome, entry)}."]
    if outcome in quoting.RANGE_ONLY:
        return lines
    if read := reading(entry):
        lines = [f"{lines[0]} {read}"]
    middle = f"{quoting.median(outcome, entry)} {quoting.unit(outcome, entry)}".rstrip()
    lines.append(f"Middle of these worlds: {middle}.")
    if accuracy := accuracy_of_ends(outcome, entry, seconds):
        lines.append(accuracy)
    return [*lines, f"{quoting.sentence_case(average)}: {mean}."]


#: how an effect stands over worlds
type Standing = Literal["fall", "rise", "little", "unknown", "either"]


def standing(entry: Effect) -> Standing:
    """How an effect stands over worlds, by its range, which there is.

    Small is what lies within 1% on both sides. Nothing is known yet while an end that leaves the
    direction open has an error above a tenth of the range, and above 1%.
    """
    assert entry.plausible is not None
    low, high = entry.plausible
    if entry.one_way:
        return "fall" if high < 0.0 else "rise"
    if quoting.in_percent(entry) and max(-low, high) <= LITTLE:
        return "little"
    error = entry.end_error
    return "unknown" if error is not None and error > wanted_error(entry) else "either"


def reading(entry: Effect) -> str:
    """What may be said of an effect whose range holds zero; empty for a fall or a rise."""
    return _STANDINGS.get(standing(entry), "")


def wanted_error(entry: Effect) -> float:
    """The error of an end from which on more pairs are hardly worth it, in `plausible_unit`."""
    assert entry.plausible is not None
    tenth = (entry.plausible[1] - entry.plausible[0]) / 10.0
    return max(tenth, LITTLE) if quoting.in_percent(entry) else tenth


def over_worlds(outcome: str, entry: Effect) -> str:
    """The range over worlds, and in how many of them there is a fall or a rise."""
    inside = quoting.plausible_in_unit(outcome, entry)
    if quoting.same(entry.plausible):
        return inside
    text = f"{inside} in nine of ten plausible worlds"
    fall, rise = entry.probability_of_fall, entry.probability_of_rise
    if fall is None or rise is None:
        return text
    if outcome in quoting.RANGE_ONLY and not entry.one_way:
        return f"{text}, no direction (more in {of_100(rise)}, fewer in {of_100(fall)})"
    return f"{text}, {likelier_way(fall, rise)}"


def likelier_way(fall: float, rise: float) -> str:
    """In how many worlds there is a fall or a rise, whichever is in more: `a fall in 58 of 100`.

    Args:
        fall: Share of worlds with a fall.
        rise: Share of worlds with a rise.
    """
    word, share = ("a fall", fall) if fall >= rise else ("a rise", rise)
    return f"{word} in {of_100(share)}"


def below_range(outcome: str, entry: Effect) -> str:
    """What stands below a range over worlds: its middle, or of deaths their direction."""
    if outcome not in quoting.RANGE_ONLY:
        return f"middle {quoting.median(outcome, entry)}"
    return way(entry) if entry.is_clear else "no direction"


def way(entry: Effect) -> str:
    """Which way a clear effect goes."""
    return "fall" if entry.middle < 0.0 else "rise"


def of_100(share: float) -> str:
    """A share of worlds in words, rounded down and never all of them."""
    return f"{min(int(100.0 * share), 99)} of 100"


def accuracy_of_ends(outcome: str, entry: Effect, seconds: float | None = None) -> str:
    """How well the computer knows the ends of the range, and what would tell them better."""
    error, printed = entry.end_error, quoting.end_error(outcome, entry)
    if error is None or not error:
        return ""
    text = f"The computer knows the ends to within {printed} (standard error, {_counted(entry)})."
    wanted = wanted_error(entry)
    if error <= wanted:
        return text
    more = math.ceil(entry.pairs * ((error / wanted) ** 2 - 1.0))
    cost, worth = computing(more, entry.pairs, seconds)
    return f"{text} Some {more:,} more pairs ({cost}) would be enough." if worth else text


def _no_range(entry: Effect) -> str:
    """Why there is no range over worlds."""
    if entry.pairs >= SPREAD_PAIRS:
        return "All pairs have one set and path, so there is no range over worlds."
    return f"{_NO_RANGE}: {entry.pairs} pairs are too few, {SPREAD_PAIRS} would do."


def basis(summary: ComparisonFindings, *, typed: bool = True) -> str:
    """The basis of the intervals, what they leave out, and why there are no more pairs.

    Args:
        summary: The findings of the comparison.
        typed: Whether the reader types commands, so that a sentence may name an option.
    """
    judged = not all(effects.identical for effects in summary.scenarios)
    text = pairs_basis(summary, judged=judged)
    ended = ending(summary, typed=typed)
    return f"{ended} {text}" if ended else text


def pairs_basis(summary: Header, *, judged: bool = True) -> str:
    """Sentences that explain pairs of runs and their intervals.

    Args:
        summary: The findings.
        judged: Whether differences are called a rise or a fall.
    """
    pairs = summary.replications
    text = (
        f"{pairs} pairs of runs. Both sides of a pair have one seed, so that what differs is what "
        f"the scenario does. {intervals(summary, pairs, judged=judged)}"
    )
    if summary.chosen_path is not None:
        text += f" All pairs have path {summary.chosen_path}."
    if summary.scale < 1.0:
        text += (
            f" Each run simulates {summary.scale:.0%} of the people, with counts scaled back: "
            "small numbers, deaths above all, come in coarse steps; levels lie some percent off."
        )
    return text


def ending(summary: ComparisonFindings, *, typed: bool = True) -> str:
    """Why no more pairs were added, if not for precision; empty where none were to be added.

    Args:
        summary: The findings of a comparison.
        typed: Whether the reader types commands, so that a sentence may name an option.
    """
    ended = summary.ended
    if ended is None or ended.by not in ("time", "limit"):
        return ""
    pairs = summary.replications
    at = (
        f"when {exactly(ended.seconds or 0.0)} were over, with {pairs} pairs"
        if ended.by == "time"
        else f"at the limit of {ended.limit} pairs"
    )
    again = "The same command" if typed else "Asking for the same again"
    more = " with a higher --limit" if typed and ended.by == "limit" else ""
    return f"No more pairs were added {at}. {again}{more} goes on from there."


def intervals(summary: Header, pairs: int, *, judged: bool = True) -> str:
    """Sentences that explain the intervals of paired differences, or why there are none."""
    if pairs < FEWEST_PAIRS:
        return f"They are too few for an interval, which needs {FEWEST_PAIRS}."
    text = (
        "The plausible range is 5-95% of worlds (sets and paths), with what chance adds removed. "
        if summary.worlds and pairs >= SPREAD_PAIRS
        else ""
    )
    text += (
        f"Intervals are {round(summary.coverage * 100)}% intervals of the average difference. "
        f"They hold {assumption_wording.holds(summary)}."
    )
    few = few_for_directions(pairs) if judged and pairs < DIRECTION_PAIRS else ""
    parts = (text, assumption_wording.mean_of_draws(summary), few)
    return " ".join(part for part in parts if part)


def failures(summary: ExperimentFindings) -> str:
    """How many runs failed and what became of their seeds; empty if none."""
    failed = summary.failed
    if not failed:
        return ""
    # the points of a sweep are paired one by one, so a failure costs one of them a pair
    single = summary.kind == "sweep"
    left_out = "pair with a failed run" if single else "seed with a failure"
    return (
        f"{quoting.number_of(len(failed), 'run')} failed and no {left_out} "
        f"is in the figures; {first_failure(failed)}."
    )


def damage(damaged: Sequence[Damage]) -> str:
    """The runs of an earlier attempt that could not be read; empty without any."""
    if not damaged:
        return ""
    file = damaged[0].file
    if any(entry.runs is None for entry in damaged):
        return f"{file} could not be read; the runs it held have been done again."
    runs = sum(entry.runs or 0 for entry in damaged)
    text, have = quoting.number_of(runs, "finished run"), "has" if runs == 1 else "have"
    return f"{text} could not be read ({file}) and {have} been done again."


def rewritten_note(names: Sequence[str]) -> str:
    """Which files had changed since they were made and were made again; empty if none."""
    if not names:
        return ""
    have, they = ("has", "it was") if len(names) == 1 else ("have", "they were")
    return (
        f"{listed(names)} {have} been made again: {they} missing or had changed since {they} made."
    )


def lost(failed: Sequence[Failure]) -> str:
    """How many runs failed, with the first error; empty if none."""
    if not failed:
        return ""
    runs = "1 run failed and is" if len(failed) == 1 else f"{len(failed)} runs failed and are"
    return f"{runs} left out; {first_failure(failed)}."


def first_failure(failed: Sequence[Failure]) -> str:
    """The first of some runs that failed."""
    return f"the first: seed {failed[0].seed} of “{failed[0].case}”, {failed[0].error}"


def span(summary: ExperimentFindings) -> str:
    """The days an experiment simulates: `from 1 January 2023 to 31 December 2024`."""
    first, last = (long_date(day) for day in summary.days)
    return f"from {first} to {last}"


# -- the ladder: what each response of smugglers takes back ----------------------------------------


def response(rung: LadderRung) -> str:
    """The response a rung adds."""
    if not rung.responses:
        return "no adaptation"
    added = rung.responses[-1]
    return f"+ {_RESPONSES.get(added, added.replace('_', ' '))}"


def step_number(outcome: str, step: StepEffect) -> str:
    """The change of the effect by a response: `+123 (-60 to +306)`; for deaths the ends alone."""
    if not quoting.has_value(outcome, step):
        return "no value"
    middle, inside = quoting.difference(outcome, step), quoting.interval(outcome, step)
    return f"{middle} ({inside})" if middle else inside


def step_verdict(step: StepEffect) -> str:
    """Whether a response reduces the effect or adds to it, where the interval shows which."""
    if step.interval is None:
        return ""
    if quoting.without_direction(step):
        return "too few pairs to say"
    if not step.detectable:
        return "no detectable change"
    if not step.before_detectable or step.before is None:
        return "moves it"  # an effect that may be zero cannot be reduced
    if step.way * step.before > 0.0:
        return "adds to it"
    return "takes back" if abs(step.way) <= abs(step.before) else "turns it round"


def ladder_words(rungs: Sequence[LadderRung], coverage: float) -> str:
    """Both ends of a ladder, and what all responses together change; deaths beside arrivals."""
    none, every = (
        " and ".join(
            f"{word} {change(name, rung.outcomes[name], coverage)}"
            for name, word in zip(HEADLINES, ("arrivals", "deaths in the Channel"), strict=True)
        )
        for rung in (rungs[0], rungs[-1])
    )
    text = f"With no adaptation {none}. With every response {every}."
    together = rungs[-1].together
    if not together or together[HEADLINES[0]].interval is None:
        return text
    parts = [
        f"{change(name, together[name], coverage)} {word}, {step_verdict(together[name])}"
        for name, word in zip(HEADLINES, ("of the effect on arrivals", "on deaths"), strict=True)
    ]
    return f"{text} All responses together change {'; '.join(parts)}."


def ladder_reading(rungs: Sequence[LadderRung], coverage: float) -> str:
    """How the steps are to be read; empty where there are too few pairs for an interval."""
    if rungs[0].outcomes[HEADLINES[0]].interval is None:
        return ""
    steps = len(rungs) - 1
    by_chance = max(1, round((1.0 - coverage) * steps))
    return (
        "A step is the effect with one response more less the effect before it, seed by seed, "
        f"with its {round(coverage * 100)}% interval: of opposite sign to the effect it takes "
        f"some back, of the same sign it adds to it. Of {steps} steps about {by_chance} "
        "leaves zero out by chance alone, and their order matters."
    )
