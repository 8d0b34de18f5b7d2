"""What would it take? The smallest changes of levers that reach a goal in enough worlds."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy
from pydantic import Field
from scipy.optimize import Bounds, LinearConstraint

from simulation.engine.arguments import SHARE
from simulation.errors import InputError, unknown_word
from simulation.estimates.library import OUTLOOK, LibraryLever, load_library
from simulation.estimates.search import ESTIMATED, Policy, Question, Space, chosen_levers
from simulation.estimates.verification import (
    Condition,
    Proposal,
    Proposed,
    ProposedFindings,
    Verdict,
    Verification,
)
from simulation.outcomes import OUTCOMES
from simulation.scenario import Scenario
from simulation.scenario.describe import describe_differences
from simulation.studies.compare import Precision

#: proposals at most, which differ in their levers
_MOST = 3
#: sizes of a lever that a search chooses from
_SIZES = 8
#: sizes of a lever at which it is asked whether it could be smaller, and how often, ever finer
_TRIMS, _FINER = 11, 3
#: rounds of a search, what one lever more weighs, and where its integer programme ends
_ROUNDS, _FEWER, _GAP, _NODES = 6, 0.02, 0.005, 20_000
#: searches for a policy that meets its goal when rounded, and margin added to what one lacks
_AGAIN, _SPARE = 5, 5e-4
#: outcomes that only runs have: what counts deaths
_BY_RUNS = tuple(name for name, spec in OUTCOMES.items() if spec.quote == "range")
_WRITTEN = re.compile(r"([a-z_0-9]+) *(<=|>=|=) *([+-]?\d{1,4}(?:\.\d{1,3})?) *%?")
_MONEY = re.compile(
    r"(?:GBP|\u00a3) ?(\d[\d,]{0,14}(?:\.\d{1,4})?) ?(k|m|million|bn|billion|)"
    r"(?: a year| per year|/year)",
    re.IGNORECASE,
)
_MILLIONS = {"": 1e-6, "k": 1e-3, "m": 1.0, "million": 1.0, "bn": 1e3, "billion": 1e3}
Array = npt.NDArray[np.float64]


class Reached(Proposed):
    """The findings of a search for what reaches a goal.

    Attributes:
        goal: The goal.
        keep: What must hold as well.
        share: Share of worlds in which both must be so.
        within: Whether the levers reach it, by the library. Where they do not, the one proposal
            is how far they go.
        varied: The levers that could change.
        budget: What all funding together may cost, in million GBP a year; None without a limit.
    """

    goal: Condition | None = None
    keep: list[Condition] = Field(default_factory=list)
    share: float = SHARE.default
    within: bool = True
    varied: list[str] = Field(default_factory=list)
    budget: float | None = None


class ReachFindings(Reached, ProposedFindings):
    """`summary.json` of such a search."""


@dataclass(frozen=True)
class Reach(Verification):
    """The smallest changes that reach a goal, and the runs that verify them."""

    kind = "reach"
    findings = ReachFindings  # type: ignore[assignment]
    searched_as = Reached

    @property
    def settings(self) -> Mapping[str, Any]:
        """What was asked."""
        asked = self.searched
        return {
            **super().settings, "goal": asked["goal"].as_json(), "share": asked["share"],
            "keep": [one.as_json() for one in asked["keep"]], "varied": asked["varied"],
            "budget": asked["budget"],
        }  # fmt: skip


def reach_of(
    scenario: Scenario,
    goal: str,
    *,
    vary: Sequence[str] = (),
    keep: Sequence[str] = (),
    share: float = SHARE.default,
    budget: str | None = None,
    by: int | None = None,
    emulator: Any = None,
    replications: int,
    **how: Any,
) -> Reach:
    """Search for the smallest changes that reach a goal.

    Args:
        scenario: What levers are added to.
        goal: Outcome and change, such as `channel_arrivals=-10%`.
        vary: Sections or names of levers that may change; all without.
        keep: What must hold as well, such as `channel_boats<=0`.
        share: Share of worlds in which both must be so.
        budget: What all funding together may cost, such as `GBP 75m a year`.
        by: The year that is judged.
        emulator: The file of the library.
        replications: Pairs of runs that verify each proposal.
        how: Further fields of `Verification`.

    Raises:
        InputError: Something that was asked for cannot be used.
    """
    SHARE.check(share)
    conditions = [_condition("--goal", goal), *(_condition("--keep", one) for one in keep)]
    _check_consistent(conditions)
    levers, amount = _levers(vary), None if budget is None else read_budget(budget)
    question = Question.read(scenario, by, emulator)
    space = Space(question, levers)
    search = _Search(space, [one for one in conditions if one.estimated], share, amount)
    policies = search.smallest()
    furthest = [] if policies else search.furthest()
    titles = [f"Proposal {number}" for number in range(1, len(policies) + 1)]
    titled = dict(zip(titles or ["As far as these levers go"], policies or furthest, strict=False))
    scenarios = [space.scenario(policy, title) for title, policy in titled.items()]
    proposals = [
        Proposal(
            title=title,
            changes=describe_differences(whatif, scenario),
            size=float(space.sizes(policy).sum()),
            strengths=dict(policy),
            verdicts=[search.verdict(policy, one) for one in conditions],
        )
        for (title, policy), whatif in zip(titled.items(), scenarios, strict=True)
    ]
    searched = {
        "goal": conditions[0], "keep": conditions[1:], "share": share, "within": bool(policies),
        "varied": [lever.name for lever in levers], "budget": amount,
    }  # fmt: skip
    return Reach(
        scenario, scenarios, Precision(replications), question=question, proposals=proposals,
        period=str(question.year), searched=searched, **how,
    )  # fmt: skip


@dataclass(frozen=True)
class _Search:
    """A search among the levers of a space.

    Attributes:
        space: The levers.
        conditions: The goal, then what must hold as well.
        share: Share of worlds in which each must be so.
        budget: Million GBP a year that all funding may cost together.
        reserve: Margin that a search adds, for what it interpolates and rounds.
    """

    space: Space
    conditions: Sequence[Condition]
    share: float
    budget: float | None = None
    reserve: float = 0.0

    def margins(self, sizes: Array) -> Array:
        """How far policies are beyond each condition, (n, conditions); negative where they miss.

        Args:
            sizes: (n, levers).
        """
        values = self.space.log_ratios(sizes, [one.outcome for one in self.conditions])
        each = [self._margin(one, values[..., n]) for n, one in enumerate(self.conditions)]
        return np.stack(each, axis=1) - self.reserve

    def _margin(self, condition: Condition, values: Array) -> Array:
        """The same by one condition, from values (..., worlds)."""
        if condition.most:
            return np.asarray(condition.limit - np.quantile(values, self.share, axis=-1))
        return np.asarray(np.quantile(values, 1.0 - self.share, axis=-1) - condition.limit)

    def exact_margin(self, policy: Policy) -> float:
        """The least margin of a policy as its scenario has it."""
        return min(
            float(self._margin(one, self.space.exact(policy, one.outcome).ravel()))
            for one in self.conditions
        )

    def smallest(self) -> list[Policy]:
        """The smallest policies that meet all conditions; none where no policy does.

        Each further one does without the largest lever of every one before.
        """
        most = np.ones(len(self.space.levers))
        policies: list[Policy] = []
        while len(policies) < _MOST:
            policy = self._smallest(most)
            if not policy:
                break
            policies.append(policy)
            most[np.argmax(self.space.sizes(policy))] = 0.0
        return sorted(policies, key=lambda policy: float(self.space.sizes(policy).sum()))

    def furthest(self) -> list[Policy]:
        """The policy that goes furthest towards the goal, if any goes towards it."""
        sizes = self._towards(np.ones(len(self.space.levers)))
        policy: Policy = {} if sizes is None else self.space.policy(sizes)
        return [policy] if policy else []

    def verdict(self, policy: Policy, condition: Condition) -> Verdict:
        """What the library says of a policy and a condition."""
        if not condition.estimated:
            return Verdict(condition=condition)
        values = self.space.exact(policy, condition.outcome)
        question, beyond = self.space.question, 100.0 * np.expm1(values) - condition.percent
        return Verdict(
            condition=condition,
            estimate=question.estimate(condition.outcome, values),
            estimated_share=question.share(beyond, most=condition.most),
        )

    def _smallest(self, most: Array) -> Policy:
        """The smallest policy whose scenario meets all conditions; empty where there is none."""
        search = self
        for _ in range(_AGAIN):
            sizes = search._least(most)
            if sizes is None:
                break
            policy = self.space.policy(sizes)
            short = self.exact_margin(policy) if policy else -_SPARE
            if short >= 0.0:
                return self._fewest(policy)
            search = replace(search, reserve=search.reserve - short + _SPARE)
        return {}

    def _fewest(self, policy: Policy) -> Policy:
        """A policy without the levers that it does not need, the smallest first."""
        sizes = self.space.sizes(policy)
        for lever in np.argsort(sizes):
            fewer = np.where(np.arange(len(sizes)) == lever, 0.0, sizes)
            smaller = self.space.policy(fewer)
            if sizes[lever] > 0.0 and smaller and self.exact_margin(smaller) >= 0.0:
                sizes, policy = fewer, smaller
        return policy

    def _least(self, most: Array) -> Array | None:
        """The least sum of sizes that meets all conditions; None where none was seen.

        Effects are taken to add up around a policy, which makes the search an integer programme:
        at most one size of each lever. It is solved around its own solution again and again.
        """
        best: Array | None = None
        for start in (np.zeros_like, self._towards):
            around: Array | None = start(most) if best is None else None
            for _ in range(_ROUNDS):
                if around is None:
                    break
                if (self.margins(around[None]) >= 0.0).all():
                    trimmed = self._trimmed(around)
                    best = trimmed if best is None or trimmed.sum() < best.sum() else best
                before, around = around, self._solved(around, most, towards=False)
                if around is not None and np.array_equal(before, around):
                    break
        return best

    def _towards(self, most: Array) -> Array | None:
        """The sizes that go furthest towards the goal and meet the other conditions."""
        around: Array | None = np.zeros_like(most)
        best, furthest = None, -np.inf
        for _ in range(_ROUNDS):
            assert around is not None
            before, around = around, self._solved(around, most, towards=True)
            if around is None or np.array_equal(before, around):
                break
            goal, *others = self.margins(around[None])[0]
            if min(others, default=0.0) >= 0.0 and goal > furthest:
                best, furthest = around, goal
        return best

    def _solved(self, around: Array, most: Array, *, towards: bool) -> Array | None:
        """The best sizes if effects add up around a policy; None where no sizes meet conditions.

        Args:
            around: (levers,) sizes of the policy.
            most: (levers,) largest sizes.
            towards: Whether to go furthest towards the goal, else to meet it with the least sum.
        """
        grid = most[:, None] * np.arange(_SIZES + 1) / _SIZES
        tried = np.repeat(around[None], grid.size, axis=0)
        tried[np.arange(grid.size), np.repeat(np.arange(len(most)), _SIZES + 1)] = grid.ravel()
        margins = self.margins(np.concatenate([around[None], tried]))
        here, each = margins[0], margins[1:].reshape(*grid.shape, -1)
        without, gains = each[:, 0], each[:, 1:] - each[:, :1]
        constant = here + (without - here).sum(axis=0)
        columns, sizes = gains.reshape(-1, gains.shape[-1]), grid[:, 1:].ravel()
        of_lever = np.kron(np.eye(len(most)), np.ones(_SIZES))
        limits = [LinearConstraint(of_lever, ub=1.0)]
        limits += [
            LinearConstraint(of_lever[list(pair)].sum(axis=0), ub=1.0) for pair in self.space.apart
        ]
        if self.budget is not None:
            costs = [
                lever.strength(size) if lever.of.section == "funding" and size > 0.0 else 0.0
                for lever, each in zip(self.space.levers, grid[:, 1:], strict=True)
                for size in each.tolist()
            ]
            limits.append(LinearConstraint(np.array(costs), ub=self.budget))
        if len(conditions := columns.T[towards:]):
            limits.append(LinearConstraint(conditions, lb=-constant[towards:]))
        done = scipy.optimize.milp(
            -columns[:, 0] if towards else sizes + _FEWER,
            integrality=np.ones(len(sizes)),
            bounds=Bounds(0.0, (sizes > 0.0).astype(float)),
            constraints=limits,
            options={"mip_rel_gap": _GAP, "node_limit": _NODES},
        )
        return None if done.x is None else of_lever @ (np.round(done.x) * sizes)

    def _trimmed(self, sizes: Array) -> Array:
        """Sizes of which none could be smaller alone, from the weakest lever to the strongest."""
        for lever in np.argsort(sizes):
            low, high = 0.0, float(sizes[lever])
            for _ in range(_FINER if high > 0.0 else 0):
                fewer = np.repeat(sizes[None], _TRIMS, axis=0)
                fewer[:, lever] = np.linspace(low, high, _TRIMS)
                enough = (self.margins(fewer) >= 0.0).all(axis=1)
                first = int(np.argmax(enough)) if enough.any() else _TRIMS - 1
                low, high = fewer[max(first - 1, 0), lever], fewer[first, lever]
            sizes = np.where(np.arange(len(sizes)) == lever, high, sizes)
        return sizes


def read_budget(text: str) -> float:
    """A budget in million GBP a year.

    Raises:
        InputError: It is none, or not of a year.
    """
    match = _MONEY.fullmatch(text.strip())
    if match is None:
        raise InputError("no amount of money of a year", key="--budget", value=text,
                         allowed="such as GBP 75m a year")  # fmt: skip
    return float(match[1].replace(",", "")) * _MILLIONS[match[2].lower()]


def _condition(option: str, text: str) -> Condition:
    """A goal or what must hold beside it, as it was typed.

    Raises:
        InputError: It is neither, or of an outcome that is not estimated.
    """
    goal = option == "--goal"
    example = "such as channel_arrivals=-10%" if goal else "such as channel_boats<=0 or >=-5%"
    match = _WRITTEN.fullmatch(text.strip())
    if match is None or (match[2] == "=") != goal:
        raise InputError("not of this form", key=option, value=text, allowed=example)
    outcome, percent = match[1], float(match[3])
    if outcome in _BY_RUNS and not goal:
        if match[2] != "<=" or percent:
            raise InputError("only the direction of deaths is judged", key=option, value=text,
                             allowed=f"{outcome}<=0")  # fmt: skip
    elif outcome not in ESTIMATED:
        words = [*ESTIMATED, *(() if goal else _BY_RUNS)]
        raise unknown_word("an outcome that cannot be estimated", outcome, words, key=option)
    if not -100.0 < percent <= 1000.0 or (goal and not percent):
        why = "asks for no change" if goal and not percent else "out of range"
        raise InputError(why, key=option, value=text, allowed="a change above -100%")
    most = percent < 0.0 if goal else match[2] == "<="
    label = ESTIMATED.get(outcome) or OUTCOMES[outcome].label
    return Condition(outcome=outcome, label=label, most=most, percent=percent,
                     estimated=outcome in ESTIMATED)  # fmt: skip


def _check_consistent(conditions: Sequence[Condition]) -> None:
    """Refuse conditions on one outcome that no effect meets."""
    for outcome in {one.outcome: None for one in conditions}:
        own = [one for one in conditions if one.outcome == outcome]
        most = min((one.percent for one in own if one.most), default=np.inf)
        least = max((one.percent for one in own if not one.most), default=-np.inf)
        if least > most:
            raise InputError(
                f"contradicts itself: {outcome} cannot change by at most {most:g}% and by at "
                f"least {least:g}%",
                key="--keep",
                allowed="conditions that one effect can meet",
            )


def _levers(vary: Sequence[str]) -> list[LibraryLever]:
    """The levers that may change.

    Raises:
        InputError: A word is neither a section nor a lever.
    """
    words = [word.strip() for text in vary for word in text.split(",")]
    levers = chosen_levers(load_library(OUTLOOK))
    allowed = [*dict.fromkeys(one.section for one in levers), *(one.name for one in levers)]
    for word in words:
        if word not in allowed:
            raise unknown_word("no lever that can change", word, allowed, key="--vary")
    return [one for one in levers if not words or {one.section, one.name} & {*words}]
