"""What staff and money buy, in words: `crossings scenario show`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from simulation.corridor.stages import PATROLS
from simulation.outcomes import long_date

if TYPE_CHECKING:
    from simulation.experiments.engine.observed_run import Workload
    from simulation.scenario.resources import Purchase

_NAMES = 4  # places named before "and others"


def purchase_lines(bought: Sequence[Purchase], busy: Mapping[str, Workload]) -> list[str]:
    """A line for each lever and, below it, one for each authority and kind of work it changes.

    Args:
        bought: What the levers change, lever by lever.
        busy: How busy each authority is without them.
    """
    lines = []
    for _, group in groupby(bought, key=lambda one: id(one.lever)):
        changes = list(group)
        first = changes[0]
        name = first.lever.name or "a lever without a name"
        lines.append(f"  {name}, on {long_date(first.day)}:")
        for one in changes:
            lines.append(f"    - {_change(one)}{_where(one)}{_busy(one, busy[one.authority])}")
    return lines


def _change(one: Purchase) -> str:
    """Units before and after, and what the difference is in people and hours."""
    kind = one.kind.replace("_", " ")
    share = f" ({one.after / one.before - 1:+.0%})" if one.before > 0 else ""
    if one.kind == "boat_supply":
        return (
            f"{one.authority}, work against boat deliveries: {one.before:.2g} to {one.after:.2g}"
            f" times today's{share}."
        )
    unit = {"investigation": "teams", "analysis": "reports a day"}.get(one.kind, "units")
    more = "more" if one.officers >= 0 else "fewer"
    people = "analysts" if one.kind == "analysis" else "officers"
    text = (
        f"{one.authority}, {kind}: {one.before:.1f} to {one.after:.1f} {unit}{share}; some"
        f" {abs(one.officers):,.0f} {people} {more}, {abs(one.hours_a_day):,.0f} hours a day"
    )
    if one.cases:
        text += f", {abs(one.cases):,.0f} investigations {more} at a time"
    return text + "."


def _where(one: Purchase) -> str:
    """Where the units can work."""
    if one.kind == "analysis":
        return " They work through what the authority learns and is told."
    if not one.where:
        return " They have nowhere to work."
    named = ", ".join(one.where[:_NAMES])
    rest = len(one.where) - _NAMES
    others = f" and {rest} more" if rest > 0 else ""
    if one.kind in PATROLS:
        return f" They can stand on {named}{others}."
    if one.kind == "boat_supply":
        return f" It acts on boats carried by way of {named}{others}."
    return f" They can arrest those who work at {named}{others}."


def _busy(one: Purchase, load: Workload) -> str:
    """How busy those there are."""
    if one.kind == "investigation":
        if not load.teams:
            return ""
        return (
            f" Those there are have {load.cases:.1f} cases on a mean day and can hold"
            f" {load.teams:.1f} ({load.cases / load.teams:.0%} busy)."
        )
    if one.kind == "analysis":
        used = f" ({load.worked_through / load.capacity:.0%} busy)" if load.capacity else ""
        return (
            f" Those there are work through {load.worked_through:.1f} reports on a mean day and"
            f" could do {load.capacity:.1f}{used}; {load.waiting:.1f} are waiting."
        )
    if one.kind in PATROLS:
        return f" On its ground {load.stops:,.0f} people are stopped on a mean day."
    return ""
