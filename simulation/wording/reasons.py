"""Why a scenario changes arrivals: the reasons, and what is arithmetic, fitted and assumed."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from typing import Protocol

from simulation.engine.findings import Effect, LinkEffect, ends
from simulation.outcomes import HEADLINE, listing
from simulation.studies.compare import ScenarioEffects
from simulation.studies.drivers import Drivers
from simulation.studies.effect_split import EffectSplit
from simulation.wording import quoting
from simulation.wording.verdicts import in_text

#: from what authorities hear to what they take out
_INTELLIGENCE = (
    "facts_delivered", "facts_usable", "cases_opened", "arrests_on_case", "capacity_removed",
)  # fmt: skip
#: from what can be used to who crosses
_STEPS = (
    "facts_usable", "cases_opened", "arrests_on_case", "capacity_removed", "capacity_at_work",
    "boats_seized", "launches_tried", "channel_boats", HEADLINE,
)  # fmt: skip
#: what arrivals are the product of
_FACTORS = ("channel_boats", "people_per_boat")
#: share of the largest effect below which it is called lost
_LOST = 0.5


class HasChain(Protocol):
    """Effects with their chain, as a comparison and an estimate have them."""

    @property
    def chain(self) -> Mapping[str, LinkEffect]:
        """Effects on sums of links."""
        ...

    def effect(self, name: str) -> Effect:
        """The effect on an outcome, or on a sum of links, over the whole run."""
        ...


def reasons(one: ScenarioEffects) -> list[str]:
    """Why the effect is as it is, and the assumptions that decide it."""
    return [line for line in (*why(one), decided_by(one.drivers)) if line]


def why(one: ScenarioEffects) -> list[str]:
    """What is arithmetic, learnt and done, where the effect is lost, what arrivals are made of.

    Empty where the two scenarios gave the same.
    """
    if one.identical or not one.chain:
        return []
    lines = [
        split_of(one),
        f"From facts to arrests: {_listed(one, _INTELLIGENCE)}.",
        where_lost(one),
        _arrivals(one),
    ]
    return [line for line in lines if line]


def _change(one: HasChain, name: str) -> str:
    """The middle of an effect over worlds, or its average, and whether it is clear."""
    effect = one.effect(name)
    if quoting.same(effect.plausible or effect.interval):
        return "the same"
    over_worlds = quoting.median(name, effect) if effect.plausible else ""
    text = over_worlds or quoting.difference(name, effect)
    text = f"{text} {quoting.unit(name, effect)}".rstrip()
    return text if effect.is_clear else f"{text}, not clear"


def _listed(one: ScenarioEffects, names: tuple[str, ...]) -> str:
    return ", ".join(f"{in_text(name)} ({_change(one, name)})" for name in names)


def _size(one: HasChain, name: str) -> float:
    """How large an effect is: the logarithm of the ratio; 0 where no percentage is stated."""
    effect = one.effect(name)
    if not quoting.in_percent(effect):
        return 0.0
    percent = effect.mean_percent if effect.plausible is None else effect.median
    return math.log1p(max(percent or 0.0, -99.0) / 100.0)


def _clear_size(one: HasChain, name: str) -> float:
    return _size(one, name) if one.effect(name).is_clear else 0.0


def where_lost(one: HasChain) -> str:
    """Between which two steps most of the largest clear effect is lost."""
    clear = [abs(_clear_size(one, name)) for name in _STEPS]
    largest = max(clear)
    if not largest:
        return "No step from facts to arrivals clearly changes, so no place can be named."
    steps = itertools.pairwise(_STEPS[clear.index(largest) :])
    smaller = (step for step in steps if abs(_size(one, step[1])) < _LOST * largest)
    before, after = next(smaller, ("", ""))
    if not after:
        return ""
    text = (
        f"Most of the effect is lost between {in_text(before)} ({_change(one, before)}) and "
        f"{in_text(after)} ({_change(one, after)})"
    )
    regained = _regained(one.chain) if after == "capacity_at_work" else ""
    return f"{text}{regained}."


def _regained(chain: Mapping[str, LinkEffect]) -> str:
    """How much of the capacity that more arrests remove comes back."""
    removed, regained = (
        chain[name].mean_difference or 0.0 for name in ("capacity_removed", "capacity_regained")
    )
    if min(removed, regained) <= 0.0:
        return ""
    share = min(100.0 * regained / removed, 100.0)
    return f": of 100 removed, {share:.0f} come back by release, successors and rivals"


def _arrivals(one: ScenarioEffects) -> str:
    """Arrivals as boats times people in each, what drives them, and who comes by lorry."""
    text = (
        f"Arrivals by boat ({_change(one, HEADLINE)}) are boats ({_change(one, _FACTORS[0])}) "
        f"times people per boat ({_change(one, _FACTORS[1])}); by lorry "
        f"({_change(one, 'lorry_arrivals')})."
    )
    arrivals, boats, load = (_clear_size(one, name) for name in (HEADLINE, *_FACTORS))
    if boats * load < 0.0:
        few, full = ("Fewer", "fuller") if boats < 0.0 else ("More", "emptier")
        text += f" {few} boats are {full}, which takes back a part of it."
    if arrivals > 0.0:
        driver = _FACTORS[0] if boats >= load else _FACTORS[1]
        text += f" Arrivals rise through {in_text(driver)}."
    return text


def decided_by(drivers: Drivers | None) -> str:
    """The assumptions with which the effect goes, and the effect where they are low and high."""
    if drivers is None:
        return ""
    of = f"of {drivers.assumptions:,} assumptions that differ between {drivers.sets} sets"
    if not drivers.strongest:
        return (
            f"The effect on arrivals goes with none {of}: a rank correlation of "
            f"{drivers.needed:.2f} is what chance gives one of so many."
        )
    unit = drivers.unit if drivers.unit == "%" else f" {drivers.unit}"
    named = [
        f"{driver.name} (lowest third {driver.low:+.1f}{unit}, highest {driver.high:+.1f}{unit})"
        for driver in drivers.strongest
    ]
    return f"The effect on arrivals goes, {of}, with {', '.join(named)}."


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
