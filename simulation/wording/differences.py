"""Differences in words, for the terminal and the report alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from simulation.engine.findings import (
    Damage,
    Difference,
    Effect,
    ExperimentFindings,
    Failure,
    Header,
    Window,
)
from simulation.engine.result_folder import listed
from simulation.engine.time_budget import exactly
from simulation.outcomes import HEADLINE, long_date, period_label, periods
from simulation.statistics.paired import DIRECTION_PAIRS, FEWEST_PAIRS, SPREAD_PAIRS
from simulation.studies.compare import (
    ComparisonFindings,
    LadderRung,
    ScenarioEffects,
)
from simulation.studies.options import COST, UK_TOTAL
from simulation.studies.since_change import SinceChange
from simulation.wording import assumptions as assumption_wording
from simulation.wording import quoting, verdicts, worlds
from simulation.wording.verdicts import in_text

#: what stands beside every headline: crossings are never reported without deaths
BESIDE = "channel_deaths"
#: what may be quoted of deaths; pages repeat it, and every headline keeps to it
DEATHS_RULE = (
    "Of deaths, quote the range of the change and whether it has a direction. Never quote a single "
    "number, neither of deaths nor of their change."
)
#: the outcomes reported first: never arrivals without deaths
HEADLINES = ("channel_arrivals", BESIDE)
#: what a comparison is judged by, in words that begin a line
_SUBJECTS = (
    ("People reaching the UK by boat or lorry", UK_TOTAL),
    ("Small-boat arrivals", HEADLINE),
    ("Deaths in the Channel", BESIDE),
)
#: how a sentence on displacement begins
_DISPLACED = "Displacement:"
#: responses of smugglers, and of people, in a few words
_RESPONSES = {
    "route": "routes move",
    "price": "fees move",
    "load": "fuller boats",
    "recruitment": "the arrested are replaced",
    "going_dark": "the known lie low",
    "beliefs": "people learn of risks",
}


def rank_label(rank: str) -> str:
    """What ranks options, within a sentence."""
    return "cost" if rank == COST else in_text(rank)


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


def few_for_directions(pairs: int) -> str:
    """A sentence for too few pairs to call a difference a rise or a fall."""
    return (
        f"{pairs} pairs are too few to call any difference a rise or a fall: that needs "
        f"{DIRECTION_PAIRS}."
    )


def question(summary: ComparisonFindings) -> str:
    """What is compared with what, which names a comparison."""
    first, *others = summary.scenarios
    what = f"{len(summary.scenarios)} scenarios" if others else f"“{first.title}”"
    return f"{what} against “{summary.baseline}”"


def headline(effects: ScenarioEffects, summary: ComparisonFindings) -> str:
    """The effect of a scenario in lines: all who reach the UK, small boats, deaths beside them.

    Args:
        effects: What the scenario changes.
        summary: The findings of the comparison.
    """
    when = span(summary)
    if effects.identical:
        return (
            f"“{effects.title}” gives the same numbers as “{summary.baseline}” {when}, in all "
            f"{effects.effect(summary.headline).pairs} pairs of runs: it has no effect on anyone "
            "in the model."
        )
    seconds = None if summary.ended is None else summary.ended.seconds_per_pair
    return "\n".join(
        [
            f"“{effects.title}” against “{summary.baseline}”, {when}.",
            *_verdict_lines(effects, summary, settle=effects.pairs_to_settle, seconds=seconds),
            *worlds.by_path(summary.headline, effects.by_path),
        ]
    )


def main_points(lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """The lines of a headline that answer the question, and those that say how well it is known.

    Args:
        lines: What is said first, then the lines of `effect_lines` of each outcome.

    Returns:
        The first line, and those of each outcome's verdict; then all others.
    """
    starts = (*(f"{subject}:" for subject, _ in _SUBJECTS), _DISPLACED)
    first, *others = lines
    main = [line for line in others if line.startswith(starts)]
    return [first, *main], [line for line in others if line not in main]


def answer(effects: ScenarioEffects, summary: ComparisonFindings) -> list[str]:
    """The answer below what was asked: the verdicts on who reaches the UK, boats and deaths.

    Args:
        effects: What the scenario changes; of several scenarios, the first of them.
        summary: The findings of the comparison.
    """
    share = effects.probability_best
    often = "" if share is None else f", the best in {of_100(share)} worlds"
    lines = [f"{question(summary)}, {span(summary)}."]
    if len(summary.scenarios) > 1:
        lines[0] += f" Of “{effects.title}”{often}:"
    return [*lines, *main_points(["", *_verdict_lines(effects, summary)])[0][1:]]


def _verdict_lines(
    effects: ScenarioEffects,
    summary: Header,
    *,
    settle: int | None = None,
    seconds: float | None = None,
) -> list[str]:
    """The lines of all who reach the UK, of small boats and of deaths."""
    lines = []
    for subject, name in _SUBJECTS:
        if name in effects.chain or name in effects.outcomes:
            help_with = settle if name == HEADLINE else None
            lines += effect_lines(subject, name, effects.effect(name), summary, help_with,
                                  option="--replications", seconds=seconds)  # fmt: skip
        if name == HEADLINE and (line := displaced(effects)):
            lines.append(line)
    return lines


def displaced(effects: ScenarioEffects) -> str:
    """A sentence where a fall by boat is a rise by lorry, or the other way; empty elsewhere."""
    boats, lorries = (effects.effect(name) for name in (HEADLINE, "lorry_arrivals"))
    if not (boats.is_clear and lorries.is_clear and boats.verdict != lorries.verdict):
        return ""
    span_of = verdicts.between("lorry_arrivals", lorries)
    gone, come = ("Fewer", span_of) if boats.verdict == "fall" else ("More", span_of)
    return f"{_DISPLACED} {gone.lower()} people come by boat, and {come} by lorry or ferry."


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
    """An effect in lines: its verdict with the interval of the average, then the range of worlds.

    Args:
        subject: What a line begins with.
        outcome: The outcome.
        entry: The effect.
        summary: The findings.
        settle: Pairs that would probably settle the verdict; None where nobody can say.
        option: What to give the command for that many, if there is a command.
        seconds: What a pair takes, if that was measured.
    """
    lines = [f"{subject}: {verdicts.phrase(outcome, entry)}."]
    if outcome in quoting.RANGE_ONLY:
        return lines
    if outcome == HEADLINE and verdicts.few(entry) is False:
        pairs = f" of {entry.pairs} pairs" if entry.pairs < SPREAD_PAIRS else ""
        basis = f"{round(summary.coverage * 100)}% interval of the average{pairs}"
        within = verdicts.margin(entry)
        matters = f"; less than {within} does not matter" if within else ""
        lines[0] = f"{lines[0][:-1]} ({basis}{matters})."
    more = verdicts.more_runs(entry, settle, option, seconds) if outcome == HEADLINE else ""
    return [*lines, *filter(None, (more, verdicts.range_of_worlds(outcome, entry)))]


def of_100(share: float) -> str:
    """A share of worlds in words, rounded down and never all of them."""
    return f"{min(int(100.0 * share), 99)} of 100"


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


def heading(summary: ComparisonFindings) -> str:
    """The finding in a few words, of several scenarios that of the first."""
    ranked = sorted(
        (one for one in summary.scenarios if not one.identical), key=lambda one: one.place
    )
    days = days_in_short(*summary.days)
    if not ranked:
        return no_effect(days)
    best = ranked[0]
    series, colon, rest = best.title.partition(": ")
    # scenarios of one series, such as those of the outlook, share the first words of their titles
    title = rest if colon and summary.baseline.startswith(f"{series}: ") else best.title
    text = titled(quoting.sentence_case(title), of_scenario(best, days))
    several = len(summary.scenarios) > 1
    return f"First by {rank_label(summary.rank)}: {text}" if several else text


def no_effect(days: str) -> str:
    """The heading where all that was compared gives the same numbers."""
    return f"No effect on anyone in the model, {days}"


def titled(title: str, finding: str) -> str:
    """A finding behind the title of what it is of; a title that asks is answered."""
    if title.endswith("?"):
        return f"{title} {quoting.sentence_case(finding)}"
    return f"{title}: {finding}"


def days_in_short(first: date, last: date) -> str:
    """Days as a heading has them: `2027 to 2028`, `July 2026 to December 2028`."""
    if first.day > 1 or (last + timedelta(days=1)).day > 1:
        return f"{long_date(first)} to {long_date(last)}"
    form = "%Y" if (first.month, last.month) == (1, 12) else "%B %Y"
    return " to ".join(dict.fromkeys(f"{day:{form}}" for day in (first, last)))


def of_scenario(effects: ScenarioEffects, days: str) -> str:
    """The verdict on all who reach the UK; where that on small boats differs, that one beside it.

    Args:
        effects: The effects of a scenario.
        days: The days that are counted, as `days_in_short` has them.
    """
    boats = effects.effect(HEADLINE)
    if UK_TOTAL not in effects.chain:
        return verdicts.finding(HEADLINE, boats, days)
    total = effects.effect(UK_TOTAL)
    text = verdicts.finding(UK_TOTAL, total, days)
    if total.verdict == boats.verdict:
        return text
    return f"{verdicts.between(HEADLINE, boats)} by small boat; {text}"
