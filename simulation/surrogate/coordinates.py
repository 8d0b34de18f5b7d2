"""The coordinates of a policy: what the design of the surrogate varies, and what it can express.

A policy is a what-if over `outlook`, as a list of `Measure`s: an axis, a strength, a start and a
ramp. A scenario is expressed by its measures if the scenario made of them has the same policy on
every day.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.corridor import load_corridor
from simulation.errors import InputError
from simulation.parameters import load_parameters
from simulation.scenario import Scenario
from simulation.scenario.levels import LEVEL_WORDS, STEP, level_number
from simulation.scenario.levers.base import Lever
from simulation.scenario.levers.registry import SECTIONS
from simulation.scenario.policy import Levers, first_difference
from simulation.scenario.scenario import asks_the_same, not_in
from simulation.scenario.shipped import is_shipped

#: the scenario that policies are laid over
BASE = "outlook"
#: days after the first of the run on which a policy of the design may begin, and longest ramp
LATEST_START, LONGEST_RAMP = 600, 550
#: most levers of a policy of the design
MOST_LEVERS = 10
#: a million, in which money is measured; decimals that a share and an amount may have
_MILLION, _SHARE_DIGITS, _AMOUNT_DIGITS = 1e6, 12, 2
#: keys of a lever that a run does not depend on
_WORDS = ("name", "announced", "signed")
Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Axis:
    """A lever of the design.

    Attributes:
        name: Its name.
        section: Section of its lever; `sharing_default` for the sharing of all pairs.
        fixed: The keys of the lever that never differ.
        key: The key that its strength is written to.
        low: Least strength of the design.
        high: Greatest strength.
        group: Axes that chance and sets are taken to act on alike.
        log: Whether its strength is a factor.
        purpose: Of money, what it is spent on; its strength is in million GBP a year.
    """

    name: str
    section: str
    fixed: Mapping[str, Any]
    key: str
    low: float
    high: float
    group: str
    log: bool = False
    purpose: str = ""

    def dose(self, strength: float, progress: Array) -> Array:
        """Its effect in force, about 1 at most: (days,) from the progress of its ramp."""
        if self.log:
            most = max(abs(np.log(self.low)), abs(np.log(self.high)))
            return np.asarray(np.log1p(progress * (strength - 1.0)) / most)
        return progress * strength / self.high

    def covers(self, strength: float) -> bool:
        """Whether a strength lies within the design."""
        return (self.low if self.log else 0.0) <= strength <= self.high


class Measure(NamedTuple):
    """One axis of a policy.

    Attributes:
        axis: Its name.
        strength: How strong it is, in the unit of the axis.
        start: First day in force; None if it always was.
        ramp_days: Days until it is in force fully.
        lever: Number of the lever; measures of money can share one.
    """

    axis: str
    strength: float
    start: date | None
    ramp_days: int
    lever: int


def _sharing(first: str, second: str) -> Axis:
    name = f"sharing.{first}-{second}"
    return Axis(name, "sharing", {"between": (first, second)}, "level", 0.0, 1.0, "sharing")


def _money(purpose: str, high: float, beneficiary: str = "") -> Axis:
    to = {"beneficiary": beneficiary} if beneficiary else {}
    name = f"money.{beneficiary or 'UK'}.{purpose}"
    fixed = {"authority": "UK", "per": "year", **to}
    return Axis(name, "funding", fixed, "spend_on", 2.0, high, "money", purpose=purpose)


def _staff(authority: str, kind: str) -> Axis:
    fixed = {"authority": authority, "kind": kind}
    return Axis(f"staff.{authority}.{kind}", "staff", fixed, "change", 0.5, 2.5, "money", log=True)


def _boats(authority: str) -> Axis:
    fixed = {"authority": authority, "kind": "boat_supply"}
    name = f"boats.{authority}"
    return Axis(name, "operation", fixed, "strength", 0.25, 4.0, "boats", log=True)


def _inflow(name: str, **fixed: Any) -> Axis:
    return Axis(f"inflow.{name}", "shock", fixed, "size", 0.5, 1.6, "inflow", log=True)


DEFAULT = Axis("sharing_default", "sharing_default", {}, "level", 0.0, 1.0, "sharing")
_PAIRS = (
    "UK UK", "UK RS", "UK MK", "UK XK", "UK AL", "UK WB6", "UK TR", "UK BG", "UK FR", "UK BE",
    "UK DE", "UK EU", "UK EUROPOL", "UK FRONTEX", "CALAIS CALAIS", "EU EU", "EU WB6", "EU TR",
    "WB6 WB6", "EPC EPC",
)  # fmt: skip
#: the axes by name, in the order of features
AXES: dict[str, Axis] = {
    axis.name: axis
    for axis in (
        DEFAULT,
        *(_sharing(*pair.split()) for pair in _PAIRS),
        _money("investigation", 150.0),
        _money("coast_patrol", 100.0),
        _money("analysis", 100.0),
        _money("boat_supply", 60.0),
        *(_money(purpose, 60.0, "FR") for purpose in ("coast_patrol", "investigation", "analysis")),
        _staff("UK", "investigation"),
        _staff("UK", "analysis"),
        _staff("FR", "coast_patrol"),
        _staff("FR", "investigation"),
        _staff("DE", "investigation"),
        _staff("RS", "border_patrol"),
        *(_boats(authority) for authority in ("TR", "BG", "DE")),
        Axis("sea.FR", "interception_at_sea", {"authority": "FR"}, "units", 1.0, 24.0, "sea"),
        Axis("returns.FR", "return_after_arrival", {"partner": "FR"}, "places_per_week", 5.0,
             150.0, "returns"),
        Axis("adverts", "adverts", {}, "taken_down", 0.1, 0.9, "adverts"),
        Axis("freeze.UK", "freeze", {"authority": "UK"}, "per_year", 5.0, 100.0, "adverts"),
        _inflow("all"),
        _inflow("balkan", route=("balkan",)),
        Axis("departures.syria", "departures", {"origins": ("syria",)}, "fewer", 0.1, 0.8,
             "inflow"),
    )
}  # fmt: skip


# -- from measures to a scenario -------------------------------------------------------------------


def scenario_of(policy: Sequence[Measure], base: Scenario, title: str = "What if") -> Scenario:
    """The what-if over the base that has these measures."""
    levers: dict[int, _Written] = {}
    keys: dict[str, Any] = {}
    for one in policy:
        axis = AXES[one.axis]
        if axis is DEFAULT:
            keys |= {"clear": ["sharing"], "sharing_default": {"level": _level(one.strength)}}
        else:
            levers.setdefault(one.lever, _Written(axis, one)).spends[axis.purpose] = one.strength
    for lever in levers.values():
        keys.setdefault(lever.axis.section, []).append(lever.keys())
    return base.with_(title, **keys)


@dataclass
class _Written:
    """A lever under way.

    Attributes:
        axis: Its axis, or the first of several purposes.
        measure: Its measure, or the first of several.
        spends: Strength by purpose, "" for what is no money.
    """

    axis: Axis
    measure: Measure
    spends: dict[str, float] = field(default_factory=dict)

    def keys(self) -> dict[str, Any]:
        """The keys of the lever in a scenario."""
        keys = dict(self.axis.fixed)
        start, ramp = self.measure.start, self.measure.ramp_days
        if self.axis.section == "shock":
            keys["on"] = start
        elif start is not None:
            keys |= {"from": start, "ramp_days": ramp}
        if not self.axis.purpose:
            strength = self.measure.strength
            return keys | {
                self.axis.key: _level(strength) if self.axis.key == "level" else strength
            }
        total = sum(self.spends.values())
        keys["amount"] = {"GBP": round(total * _MILLION, _AMOUNT_DIGITS)}
        keys["spend_on"] = {
            purpose: round(part / total, _SHARE_DIGITS) for purpose, part in self.spends.items()
        }
        return keys


def _level(strength: float) -> str | float:
    """A level as files write it: its word where it has one."""
    place = strength / STEP
    return LEVEL_WORDS[int(place)] if place.is_integer() else strength


# -- from a scenario to measures -------------------------------------------------------------------


def policy_of(scenario: Scenario, base: Scenario) -> tuple[Measure, ...]:
    """The measures of a scenario, which express all of it.

    Raises:
        InputError: The design does not have them; it names the command that runs the scenario.
    """
    if scenario.run != base.run:
        days = f"{scenario.run.start} to {scenario.run.end}"
        raise refusal(scenario, f"not the days of {BASE}", key="run", value=days)
    measures: list[Measure] = []
    cleared = bool(not_in(base.sharing, scenario.sharing))
    if cleared or scenario.sharing_default != base.sharing_default:
        level = level_number(scenario.sharing_default.level)
        measures.append(Measure(DEFAULT.name, level, None, 0, -1))
    for section in SECTIONS:
        inherited = () if cleared and section == "sharing" else getattr(base, section)
        for number, lever in not_in(getattr(scenario, section), inherited):
            of_lever = _measures(lever, len(measures))
            if not of_lever:
                key = f"{section}[{scenario.source_of(section, number)[1]}]"
                raise refusal(scenario, "this lever is none of its design", key=key)
            measures += of_lever
    _check_design(measures, scenario, base)
    if not _same(scenario_of(measures, base), scenario):
        raise refusal(scenario, "its design has no such policy")
    return tuple(measures)


def _measures(lever: Lever, number: int) -> list[Measure]:
    """The measures of a lever, as far as an axis has it; none where no axis does."""
    data = lever.model_dump(exclude_none=True, exclude_defaults=True)
    keys = {key: value for key, value in data.items() if key not in _WORDS}
    start = keys.pop("on" if lever.section == "shock" else "from", None)
    ramp = keys.pop("ramp_days", 0)
    if "between" in keys and keys["between"][::-1] in _BETWEEN:
        keys["between"] = keys["between"][::-1]
    measures = []
    if lever.section == "funding":
        spends, pounds = keys.pop("spend_on"), keys.pop("amount").get("GBP")
        strengths = {
            kind: round(share * pounds / _MILLION, _SHARE_DIGITS)
            for kind, share in (spends if pounds else {}).items()
            if share
        }
    else:
        strengths = {"": 0.0}
    for purpose, strength in strengths.items():
        axis = _axis(lever.section, keys, purpose)
        if axis is None:
            return []
        if not purpose:
            value = keys[axis.key]
            strength = level_number(value) if axis.key == "level" else float(value)
        measures.append(Measure(axis.name, strength, start, ramp, number))
    return measures


_BETWEEN = {axis.fixed.get("between") for axis in AXES.values()}


def _axis(section: str, keys: Mapping[str, Any], purpose: str) -> Axis | None:
    """The axis of a lever with these keys."""
    for axis in AXES.values():
        varied = set() if axis.purpose else {axis.key}
        own = {key: value for key, value in keys.items() if key not in varied}
        if axis.section == section and axis.purpose == purpose and own == axis.fixed:
            return axis if varied <= keys.keys() else None
    return None


def _check_design(measures: Sequence[Measure], scenario: Scenario, base: Scenario) -> None:
    """Refuse what lies outside the ranges of the design."""
    levers = len({one.lever for one in measures})
    if not 1 <= levers <= MOST_LEVERS:
        raise refusal(scenario, f"has {levers} levers that {BASE} has not; its design has 1 to "
                      f"{MOST_LEVERS}")  # fmt: skip
    for one in measures:
        axis = AXES[one.axis]
        if not axis.covers(one.strength):
            span = f"{axis.low:g} to {axis.high:g}"
            raise refusal(scenario, f"its design has {span}", key=axis.name, value=one.strength)
        if one.ramp_days > LONGEST_RAMP:
            raise refusal(scenario, f"its design has ramps of 0 to {LONGEST_RAMP} days",
                          key=axis.name, value=one.ramp_days)  # fmt: skip
        after = 0 if one.start is None else (one.start - base.run.start).days
        if not 0 <= after <= LATEST_START:
            latest = date.fromordinal(base.run.start.toordinal() + LATEST_START)
            raise refusal(scenario, f"its design begins from {base.run.start} to {latest}",
                          key=axis.name, value=str(one.start))  # fmt: skip


def _same(one: Scenario, other: Scenario) -> bool:
    """Whether two scenarios have the same policy on all days."""
    if asks_the_same(one, other):
        return True
    corridor, parameters = load_corridor(), load_parameters()
    mine, theirs = (Levers(scenario, corridor, parameters) for scenario in (one, other))
    days = (one.run.end - one.run.first_simulated).days + 1
    return first_difference(mine, theirs, one.run.first_simulated, days) == days


def refusal(
    scenario: Scenario, why: str, *, key: str | None = None, value: object = None
) -> InputError:
    """The error for a scenario that cannot be estimated, with the command that runs it."""
    return InputError(
        f"cannot be estimated: {why}",
        file=scenario.file or scenario.title,
        key=key,
        value=value,
        allowed=f"{command(scenario)}, which runs it",
    )


def command(scenario: Scenario) -> str:
    """The command that runs a scenario."""
    file = scenario.file
    if file is None:
        return "crossings compare FILE"
    return f"crossings compare {scenario.slug if is_shipped(file) else shlex.quote(str(file))}"
