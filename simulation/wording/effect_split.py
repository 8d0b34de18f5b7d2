"""What of an effect on arrivals is arithmetic, fitted and assumed, in sentences."""

from __future__ import annotations

from simulation.engine.findings import ends
from simulation.outcomes import HEADLINE, listing
from simulation.studies.compare import ScenarioEffects
from simulation.studies.effect_split import EffectSplit
from simulation.wording import quoting

_BECAUSE = {
    "admitted_legally": "because people are admitted legally",
    "channel_prevented": "because attempts are prevented",
}


def split_of(one: ScenarioEffects) -> str:
    """The parts of the effect on arrivals; empty where no lever takes people out of the flow."""
    split = one.split
    if split is None:
        return ""
    return " ".join(filter(None, [_counted(one, split), _assumed(split), _put_in(split)]))


def _counted(one: ScenarioEffects, split: EffectSplit) -> str:
    """What is arithmetic; where the effect on arrivals has a direction, the whole and the rest."""
    if not split.arithmetic:
        return ""
    arrivals, has_direction = one.effect(HEADLINE), split.rest is not None
    first = one.effect(next(iter(split.arithmetic)))
    exact = arrivals if has_direction else first
    interval = ends(exact.mean_low, exact.mean_high)
    parts = [
        f"{_people(-more, interval)} {_BECAUSE[name]} (arithmetic)"
        for name, more in split.arithmetic.items()
    ]
    whole = ""
    if split.rest is not None:
        whole = f", {_people(arrivals.mean_difference or 0.0, interval)}"
        parts.append(
            f"{_people(split.rest, interval)} through prices, boats, routes and second tries "
            f"(fitted{', and what is assumed' if split.deterrence or split.put_in else ''})"
        )
    text = f"Arrivals by boat{whole}: {', '.join(parts)}."
    if split.returned:
        returned = quoting.people(abs(split.returned), interval)
        less = " fewer" if split.returned < 0.0 else ""
        text += f" {returned}{less} are returned; a landing stays an arrival."
    return text


def _people(more: float, interval: quoting.Range) -> str:
    return f"{quoting.people(abs(more), interval)} {'more' if more > 0.0 else 'fewer'}"


def _assumed(split: EffectSplit) -> str:
    if split.returned is None:
        return ""
    if not split.deterrence:
        return "No response to the risk of a return is assumed."
    return (
        f"That people give up because of the risk is assumed ({', '.join(split.deterrence)}): "
        "there are no data on it; deterrence = false leaves it out."
    )


def _put_in(split: EffectSplit) -> str:
    if not split.put_in:
        return ""
    return f"How many no longer set out is put in ({listing(split.put_in)}), and no result."
