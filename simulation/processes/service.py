"""Which operator serves which leg, on what terms, and what partners tell each other about it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simulation.compiled import kernel
from simulation.processes.tables import PairArrays
from simulation.randomness import Decision, uniform

_CAPACITY_ROUNDING = int(Decision.CAPACITY_ROUNDING)


class Service:
    """Which operator serves which leg, with its own experience of it; arrays (pairs,).

    Attributes:
        smuggler: Row of the operator.
        leg: The leg.
        share: Share of the operator's capacity put there.
        trials: Client trips remembered.
        losses: Stopped trips remembered.
        asked: Smoothed clients a day.
    """

    def __init__(self) -> None:
        self.smuggler = np.empty(0, dtype=np.int32)
        self.leg = np.empty(0, dtype=np.int32)
        self.share = np.empty(0)
        self.trials = np.empty(0)
        self.losses = np.empty(0)
        self.asked = np.empty(0)

    def add(
        self, smuggler: npt.NDArray[np.intp], legs: npt.NDArray[np.intp], share: npt.NDArray
    ) -> None:
        """Let operators serve legs; all (new pairs,)."""
        self.smuggler = np.concatenate([self.smuggler, smuggler.astype(np.int32)])
        self.leg = np.concatenate([self.leg, legs.astype(np.int32)])
        self.share = np.concatenate([self.share, share])
        for name in ("trials", "losses", "asked"):
            setattr(self, name, np.concatenate([getattr(self, name), np.zeros(legs.size)]))

    def drop(self, rows: npt.NDArray[np.intp]) -> None:
        """Let operators serve nothing any more."""
        keep = ~np.isin(self.smuggler, rows)
        for name in ("smuggler", "leg", "share", "trials", "losses", "asked"):
            setattr(self, name, getattr(self, name)[keep])

    def arrange(self, keep: npt.NDArray[np.bool_], uid: npt.NDArray, legs: int) -> PairArrays:
        """Drop pairs, sort the rest by leg and operator, and make the arrays of the day.

        Args:
            keep: (pairs,) which to keep.
            uid: (operators,) identifiers; sorting by them makes the order independent of births.
            legs: Number of legs.

        Returns:
            Arrays with room and weights still to be set.
        """
        order = np.flatnonzero(keep)
        order = order[np.lexsort((uid[self.smuggler[order]], self.leg[order]))]
        for name in ("smuggler", "leg", "share", "trials", "losses", "asked"):
            setattr(self, name, getattr(self, name)[order])
        count = order.size
        return PairArrays(
            start=np.searchsorted(self.leg, np.arange(legs + 1)).astype(np.int32),
            smuggler=self.smuggler,
            room=np.zeros(count, dtype=np.int64),
            weight=np.zeros(count),
            fee=np.zeros(count, dtype=np.int64),
            stop_factor=np.ones(count),
            asked=np.zeros(count, dtype=np.int64),
            trips=np.zeros(count, dtype=np.int64),
            stops=np.zeros(count, dtype=np.int64),
        )


@kernel
def hear_partners(
    ties: np.ndarray,
    start: np.ndarray,
    by_operator: np.ndarray,
    leg: np.ndarray,
    weight: float,
    trials: np.ndarray,
    losses: np.ndarray,
    all_trials: np.ndarray,
    all_losses: np.ndarray,
) -> None:
    """Add to everyone's experience of a leg a part of that of partners on the same leg.

    Args:
        ties: (ties, 2) rows of operators who know each other.
        start: (operators + 1,) first entry of each operator in `by_operator`.
        by_operator: (pairs,) pairs, operator by operator.
        leg: (pairs,) leg of each pair.
        weight: What a partner's trip counts against an own one.
        trials: (pairs,) own trips.
        losses: (pairs,) own trips that were stopped.
        all_trials: (pairs,) added to.
        all_losses: (pairs,) added to.
    """
    for side in range(2):
        for tie in range(ties.shape[0]):
            to, source = ties[tie, side], ties[tie, 1 - side]
            for i in range(start[to], start[to + 1]):
                mine = by_operator[i]
                for k in range(start[source], start[source + 1]):
                    theirs = by_operator[k]
                    if leg[mine] == leg[theirs]:
                        all_trials[mine] += weight * trials[theirs]
                        all_losses[mine] += weight * losses[theirs]


@kernel
def set_terms(
    seed: int,
    ordinal: int,
    pairs: PairArrays,
    leg: np.ndarray,
    share: np.ndarray,
    asked: np.ndarray,
    attraction: np.ndarray,
    boat: np.ndarray,
    uid: np.ndarray,
    capacity: np.ndarray,
    skill: np.ndarray,
    strength: np.ndarray,
    working: np.ndarray,
    space: np.ndarray,
    scale: float,
    total: np.ndarray,
    money: np.ndarray,
) -> None:
    """Room, fee, weight and skill of every pair today, and what each leg offers in all.

    Args:
        seed: Seed of the replication.
        ordinal: Today's date as a number.
        pairs: Its room, fee, weight and stop factor are filled.
        leg: (pairs,) leg of each pair.
        share: (pairs,) share of the operator's capacity put there.
        asked: (pairs,) fee in EUR.
        attraction: (pairs,) weight of a unit of capacity in the eyes of clients.
        boat: (legs,) whether a leg is a launch, where seats are promised ahead.
        uid: (operators,) identifiers.
        capacity: (operators,) people a day at full strength.
        skill: (operators,) multiplies the chance of being stopped.
        strength: (operators,) share of the capacity at hand.
        working: (operators,) who works today.
        space: (operators,) agents that launchers can still promise a seat.
        scale: Agents per person.
        total: (legs,) added to: capacity at work.
        money: (legs,) added to: the same times the fee asked.
    """
    for pair in range(leg.size):
        who, at = pairs.smuggler[pair], leg[pair]
        if boat[at]:
            room = max(np.floor(space[who]), 0.0)
        else:
            luck = uniform(seed, _CAPACITY_ROUNDING, uid[who], ordinal * 1024 + at)
            room = np.floor(strength[who] * capacity[who] * share[pair] * scale + luck)
        size = max(capacity[who] * share[pair], 1e-9)
        pairs.room[pair] = int(room)
        pairs.fee[pair] = int(np.rint(asked[pair]))
        pairs.stop_factor[pair] = skill[who]
        pairs.weight[pair] = size * attraction[pair]
        if working[who]:
            total[at] += size
            money[at] += size * asked[pair]
