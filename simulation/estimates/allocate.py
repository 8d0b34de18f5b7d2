"""How is a budget best spent? Splits over the purposes of funding, spending nothing among them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations_with_replacement
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy
from pydantic import Field

from simulation.engine.findings import Effect
from simulation.errors import InputError
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
from simulation.scenario import Scenario
from simulation.scenario.describe import describe_differences
from simulation.statistics.finding import Finding
from simulation.studies.compare import Precision

#: shares of the budget at which the frontier is read
_AMOUNTS = (0.25, 0.5, 0.75, 1.0)
#: parts into which an amount is divided where searches start, and how many they start from
_PARTS, _STARTS = 4, 4
#: share of worlds whose regret a robust split keeps small
_WORLDS = 0.95
#: a fall that is worth money, as a logarithm; millions that spending is rounded to
_WORTH, _ROUND = 1e-3, 1.0
#: size by which slopes are read
_STEP = 0.02
#: how far below nothing what is left may be, and steps of the optimiser
_TOLERANCE, _ITERATIONS = 1e-4, 60
#: share of an amount that is too little to be a part of it; what rounding errors amount to
_CRUMB, _TINY = 0.03, 1e-6
_MILLIONS = {"": 1e-6, "k": 1e-3, "m": 1.0, "million": 1.0, "bn": 1e3, "billion": 1e3}
_WRITTEN = re.compile(
    r"(?:GBP|\u00a3) ?(\d[\d,]{0,14}(?:\.\d{1,4})?) ?(k|m|million|bn|billion|)"
    r"( a year| per year|/year|)",
    re.IGNORECASE,
)
Array = npt.NDArray[np.float64]


class Split(Finding):
    """A way to spend an amount.

    Attributes:
        amount: What may be spent, in million GBP a year.
        spends: What is spent, by lever, in the same unit; empty where nothing is.
        estimate: The effect by the library; None where nothing is spent.
        regret: Percentage points by which it does worse than the best split of the budget in the
            worst of nineteen in twenty worlds of the library; None of other amounts.
        proposal: Title of its proposal, if it has one.
    """

    amount: float
    spends: dict[str, float]
    estimate: Effect | None = None
    regret: float | None = None
    proposal: str = ""

    @property
    def middle(self) -> float:
        """The middle of its estimate; 0 where nothing is spent."""
        return 0.0 if self.estimate is None else self.estimate.middle


class Allocated(Proposed):
    """The findings of a search for the best split of a budget.

    Attributes:
        budget: Million GBP a year.
        outcome: What money is to lower.
        label: What that is called.
        frontier: The split that is best in the median, for each amount up to the budget.
        robust: The split of the budget with the least regret.
        nothing: No spending, with its regret.
    """

    budget: float = 0.0
    outcome: str = ""
    label: str = ""
    frontier: list[Split] = Field(default_factory=list)
    robust: Split | None = None
    nothing: Split | None = None


class AllocateFindings(Allocated, ProposedFindings):
    """`summary.json` of such a search."""


@dataclass(frozen=True)
class Allocate(Verification):
    """The best splits of a budget, and the runs that verify them."""

    kind = "allocate"
    findings = AllocateFindings  # type: ignore[assignment]
    searched_as = Allocated

    @property
    def settings(self) -> Mapping[str, Any]:
        """What was asked."""
        asked = {name: self.searched[name] for name in ("budget", "outcome")}
        return {**super().settings, **asked}


def allocate_of(
    scenario: Scenario,
    budget: str,
    *,
    goal: str,
    by: int | None = None,
    emulator: Path | None = None,
    replications: int,
    **how: Any,
) -> Allocate:
    """Search for the best splits of a budget.

    Args:
        scenario: What money is added to.
        budget: Such as `GBP 75m a year`.
        goal: The outcome that money is to lower.
        by: The year that is judged.
        emulator: The file of the library.
        replications: Pairs of runs that verify each proposal.
        how: Further fields of `Verification`.

    Raises:
        InputError: Something that was asked for cannot be used.
    """
    amount = read_budget(budget)
    question = Question.read(scenario, by, emulator)
    search = _Search(Space(question, purposes()), goal, amount)
    frontier: list[Split] = []
    for share in _AMOUNTS:
        frontier.append(search.best(share * amount, frontier[-1] if frontier else None))
    robust = search.robust(frontier[-1])
    middle = frontier[_AMOUNTS.index(0.5)]
    named = {
        "Best in the median": frontier[-1],
        "Least regret": robust,
        "Best of half the budget": middle,
    }
    titles: dict[str, str] = {}
    for title, split in named.items():
        if split.spends:
            titles.setdefault(repr(split.spends), title)
    spends = {title: named[title].spends for title in titles.values()}
    scenarios = [search.space.scenario(one, title) for title, one in spends.items()]
    proposals = [
        Proposal(
            title=title,
            changes=describe_differences(whatif, scenario),
            strengths=dict(one),
            verdicts=[search.verdict(one)],
        )
        for (title, one), whatif in zip(spends.items(), scenarios, strict=True)
    ]

    def titled(split: Split) -> Split:
        return split.model_copy(update={"proposal": titles.get(repr(split.spends), "")})

    searched = {
        "budget": amount, "outcome": goal, "label": ESTIMATED[goal],
        "frontier": [titled(one) for one in frontier], "robust": titled(robust),
        "nothing": search.nothing(),
    }  # fmt: skip
    return Allocate(
        scenario, scenarios, Precision(replications), question=question, proposals=proposals,
        period=str(question.year), searched=searched, **how,
    )  # fmt: skip


def purposes() -> list[LibraryLever]:
    """What money can be spent on."""
    return [one for one in chosen_levers(load_library(OUTLOOK)) if one.section == "funding"]


def read_budget(text: str) -> float:
    """A budget in million GBP a year.

    Raises:
        InputError: It is none, without a year, or more than the library has.
    """
    match, example = _WRITTEN.fullmatch(text.strip()), "such as GBP 75m a year"
    if match is None:
        raise InputError("no amount of money", key="--budget", value=text, allowed=example)
    if not match[3]:
        raise InputError("is that of a year? Only money of every year can be split",
                         key="--budget", value=text, allowed=f"{match[0]} a year")  # fmt: skip
    amount = float(match[1].replace(",", "")) * _MILLIONS[match[2].lower()]
    most = sum(one.strengths[-1] for one in purposes())
    if not _ROUND <= amount <= most:
        raise InputError("out of range", key="--budget", value=text,
                         allowed=f"GBP {_ROUND:g}m to {most:g}m a year")  # fmt: skip
    return amount


@dataclass(frozen=True)
class _Search:
    """A search among the splits of a budget.

    Attributes:
        space: The purposes.
        outcome: What money is to lower.
        budget: Million GBP a year.
    """

    space: Space
    outcome: str
    budget: float

    @cached_property
    def _price(self) -> Array:
        """(purposes,) million GBP of size 1."""
        return np.array([lever.of.strengths[-1] for lever in self.space.levers])

    def best(self, amount: float, of_less: Split | None = None) -> Split:
        """The split of an amount that is best in the median of worlds.

        Args:
            amount: Million GBP a year.
            of_less: The best split of a smaller amount, which stays where more money buys no more.
        """
        more = [] if of_less is None else [of_less]
        sizes = self._least_loss(self._median, self._divided(amount), more, amount)
        worth = float(self._median(sizes[None])[0]) < -_WORTH
        split = self._split(sizes if worth else np.zeros_like(sizes), amount)
        if of_less is not None and of_less.middle < split.middle:
            return self._stated(of_less.spends, amount)
        return split

    def robust(self, best: Split) -> Split:
        """The split of the budget with the least regret in most worlds.

        Args:
            best: The one that is best in the median.
        """
        sizes = self._least_loss(self._regret, self._tried, [best], self.budget)
        return self._split(sizes, self.budget)

    def nothing(self) -> Split:
        """No spending."""
        return self._split(np.zeros_like(self._price), self.budget)

    def verdict(self, spends: Policy) -> Verdict:
        """In how many worlds a split lowers the outcome."""
        condition = Condition(
            outcome=self.outcome, label=ESTIMATED[self.outcome], most=True, percent=0.0
        )
        values, question = self.space.exact(spends, self.outcome), self.space.question
        return Verdict(
            condition=condition,
            estimate=question.estimate(self.outcome, values),
            estimated_share=question.share(100.0 * np.expm1(values), most=True),
        )

    def _split(self, sizes: Array, amount: float) -> Split:
        """Sizes as whole millions, without crumbs, which go to what most is spent on."""
        exact = sizes * self._price / _ROUND
        exact[exact < _CRUMB * amount / _ROUND] = 0.0
        whole = np.floor(exact + _TINY)
        most = min(amount, float(sizes @ self._price) + _TINY) / _ROUND
        for lever in np.argsort(-exact, kind="stable"):
            room = self._price[lever] / _ROUND - whole[lever]
            more = min(np.floor(most - whole.sum() + _TINY), room) if whole[lever] else 0.0
            whole[lever] += max(more, 0.0)
        spends = {
            lever.of.name: float(pounds) * _ROUND
            for lever, pounds in zip(self.space.levers, whole, strict=True)
            if pounds > 0.0
        }
        return self._stated(spends, amount)

    def _stated(self, spends: Policy, amount: float) -> Split:
        """What a split of an amount does."""
        regret = None
        if amount == self.budget:
            regret = float(self._regret(self.space.sizes(spends)[None])[0])
        estimate = self.verdict(spends).estimate if spends else None
        return Split(amount=amount, spends=dict(spends), estimate=estimate, regret=regret)

    def _divided(self, amount: float) -> Array:
        """Splits of an amount in equal parts, each spent on a purpose or not at all."""
        purposes = len(self._price)
        ways = combinations_with_replacement(range(purposes + 1), _PARTS)
        parts = np.array([np.bincount(way, minlength=purposes + 1)[:purposes] for way in ways])
        return np.minimum(parts * amount / _PARTS / self._price, 1.0)

    @cached_property
    def _tried(self) -> Array:
        return self._divided(self.budget)

    def _least_loss(
        self,
        loss: Callable[[Array], Array],
        tried: Array,
        splits: Sequence[Split],
        amount: float,
    ) -> Array:
        """The sizes with the least loss that an amount buys, (purposes,): SLSQP.

        Args:
            loss: (n, purposes) -> (n,).
            tried: Sizes of which the best are starts, (n, purposes); none costs more.
            splits: Further starts, which cost no more either.
            amount: Million GBP a year.
        """

        def left(sizes: Array) -> Array:
            """What splits leave of the amount, as a share of it."""
            return (1.0 - sizes @ self._price / amount)[:, None]

        def around(function: Callable[[Array], Array], x: Array) -> Array:
            """Slopes, (..., purposes), by one difference for each purpose."""
            steps = np.where(x + _STEP <= 1.0, _STEP, -_STEP)
            values = function(np.concatenate([x[None], x + np.diag(steps)]))
            return np.asarray((values[1:] - values[0]).T / steps)

        starts = [*tried[np.argsort(loss(tried), kind="stable")[:_STARTS]]]
        starts += [self.space.sizes(split.spends) for split in splits]
        ends = [np.clip(start, 0.0, 1.0) for start in starts]
        for start in ends[:]:
            done = scipy.optimize.minimize(
                lambda x: float(loss(x[None])[0]),
                start,
                jac=lambda x: around(loss, x),
                bounds=[(0.0, 1.0)] * len(start),
                constraints={
                    "type": "ineq",
                    "fun": lambda x: left(x[None])[0],
                    "jac": lambda x: np.atleast_2d(around(left, x)),
                },
                method="SLSQP",
                options={"maxiter": _ITERATIONS, "ftol": 1e-4},
            )
            ends.append(np.clip(done.x, 0.0, 1.0))
        each = np.array(ends)
        good = (left(each) >= -_TOLERANCE).all(axis=1)
        return np.asarray(each[np.argmin(np.where(good, loss(each), np.inf))])

    def _median(self, sizes: Array) -> Array:
        return np.asarray(np.median(self.space.log_ratios(sizes, [self.outcome])[..., 0], axis=1))

    def _percent(self, sizes: Array) -> Array:
        """Effects in percent, pair by pair, (n, pairs)."""
        return 100.0 * np.expm1(self.space.log_ratios(sizes, [self.outcome])[..., 0])

    @cached_property
    def _least(self) -> Array:
        """(pairs,) the effect of the best split of the budget in each world."""
        return np.asarray(self._percent(self._tried).min(axis=0))

    def _regret(self, sizes: Array) -> Array:
        return np.quantile(self._percent(sizes) - self._least, _WORLDS, axis=1)
