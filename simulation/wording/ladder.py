"""What each response of smugglers takes back, in words, for the terminal and the report alike."""

from __future__ import annotations

from collections.abc import Sequence

from simulation.experiments.findings import Difference, StepEffect
from simulation.experiments.studies.compare import LadderRung
from simulation.outcomes import OUTCOMES, difference_unit
from simulation.wording import differences as wording
from simulation.wording.differences import BESIDE

#: what the ladder tells of: never arrivals without deaths
FIRST = ("channel_arrivals", BESIDE)
#: responses of smugglers, and of people, in a few words
_RESPONSES = {
    "route": "routes move",
    "price": "fees move",
    "load": "fuller boats",
    "recruitment": "the arrested are replaced",
    "going_dark": "the known lie low",
    "beliefs": "people learn of risks",
}


def response(rung: LadderRung) -> str:
    """The response a rung adds."""
    if not rung.responses:
        return "no adaptation"
    added = rung.responses[-1]
    return f"+ {_RESPONSES.get(added, added.replace('_', ' '))}"


def step_number(outcome: str, step: StepEffect) -> str:
    """What a response changes of the effect: `+123 (-60 to +306)`."""
    if step.difference is None:
        return "no value"
    return f"{wording.signed(outcome, step.difference)} ({wording.interval(outcome, step)})"


def verdict(step: StepEffect) -> str:
    """Whether a response takes back of the effect, or adds to it, as far as can be told."""
    if step.low is None:
        return ""
    if wording.without_direction(step):
        return "too few pairs to say"
    if not step.detectable:
        return "no detectable change"
    if not step.before_detectable:
        return "moves it"  # of an effect that may be none nothing is taken back
    change, before = step.difference or 0.0, step.before or 0.0
    if change * before > 0.0:
        return "adds to it"
    return "takes back" if abs(change) <= abs(before) else "turns it round"


def summary_words(rungs: Sequence[LadderRung], coverage: float) -> str:
    """Both ends of a ladder, and what all responses together change; deaths beside arrivals."""
    none, every = (
        " and ".join(
            f"{word} {_change(name, rung.outcomes[name], coverage)}"
            for name, word in zip(FIRST, ("arrivals", "deaths in the Channel"), strict=True)
        )
        for rung in (rungs[0], rungs[-1])
    )
    text = f"With no adaptation {none}. With every response {every}."
    together = rungs[-1].together
    if not together or together[FIRST[0]].low is None:
        return text
    parts = [
        f"{_change(name, together[name], coverage)} {word}, {verdict(together[name])}"
        for name, word in zip(FIRST, ("of the effect on arrivals", "on deaths"), strict=True)
    ]
    return f"{text} All responses together change {'; '.join(parts)}."


def reading(rungs: Sequence[LadderRung], coverage: float) -> str:
    """How the steps are to be read; empty where there are too few pairs for an interval."""
    if rungs[0].outcomes[FIRST[0]].low is None:
        return ""
    steps = len(rungs) - 1
    by_chance = max(1, round((1.0 - coverage) * steps))
    return (
        "A step is the effect with one response more less the effect before it, seed by seed, "
        f"with its {round(coverage * 100)}% interval: of opposite sign to the effect it takes "
        f"some of it back, of the same sign it adds to it. Of {steps} steps about {by_chance} "
        "leaves zero out by chance alone, and the order in which responses are added matters."
    )


def _change(outcome: str, entry: Difference, coverage: float) -> str:
    """A difference with its interval in its own unit."""
    if entry.difference is None:
        return "no value"
    if outcome in wording.DEATHS:
        return wording.deaths_change(outcome, entry, coverage)
    text = f"{wording.signed(outcome, entry.difference)} {difference_unit(OUTCOMES[outcome])}"
    if entry.low is None:
        return f"{text} ({wording.NO_INTERVAL})"
    return f"{text} ({round(coverage * 100)}% interval {wording.interval(outcome, entry)})"
