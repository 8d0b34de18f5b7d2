"""Returns after arrival: people who landed by boat are returned, and others are admitted legally.

Some of those who land are referred within days and returned to the country their boat left, where
they live as people there do: some try again. For each person returned, somebody who waits there is
admitted to the UK and leaves the irregular flow.

Deterrence is an assumption that a scenario asks for: those who wait there hear how many are
returned under such an order, as they hear of stops, and weigh it: the boat costs more, and some
give up the crossing. Nobody hears of returns under any other order.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from simulation.compiled import Floats, Ints, kernel
from simulation.corridor import DESTINATIONS
from simulation.model.agents.migrant import State
from simulation.model.processes.conditions import downplayed_risk, shade_of
from simulation.model.processes.contracts import people_today
from simulation.model.processes.movement import MOST, finish, turn_elsewhere, waiting_days
from simulation.model.processes.world import WEEK, World, drop_finished
from simulation.randomness import Decision, uniforms
from simulation.scenario.levers.return_after_arrival import RETURN_ORDERS, ReturnOrder

_UK = DESTINATIONS.index("uk")


class Referral(NamedTuple):
    """Somebody who will be returned.

    Attributes:
        due: Day of the return.
        row: Row of the person.
        order: The agreement.
    """

    due: int
    row: int
    order: ReturnOrder


@dataclass
class ReturnAccount:
    """State of the agreement between the UK and a partner.

    Attributes:
        boats: Legs by which boats leave the partner's ground.
        places: Returns that may still be made, in agents.
        admissions: People still to be admitted, in agents.
        heard_today: Returns of today under orders with deterrence, in agents.
        days: Days from a landing to the return.
        landed: People who landed so long ago, as they are remembered (`beliefs.half_life_days`).
        returned: Those of them who were returned under orders with deterrence, as they are
            remembered.
        fee: EUR of a crossing today.
        loss: EUR that being returned costs a person, at that fee.
    """

    boats: Ints
    places: float = 0.0
    admissions: float = 0.0
    heard_today: int = 0
    days: int = 1
    landed: float = 0.0
    returned: float = 0.0
    fee: float = 0.0
    loss: float = 0.0


@dataclass
class Removals:
    """Returns after arrival under way, and what people believe of them.

    Attributes:
        accounts: By row of the partner.
        referrals: People who will be returned, in the order in which they were referred.
    """

    accounts: dict[int, ReturnAccount] = field(default_factory=dict)
    referrals: list[Referral] = field(default_factory=list)

    def step(self, world: World) -> None:
        """Return, admit and refer people, and let some give up the crossing."""
        orders = RETURN_ORDERS.of(world.policy)
        if not (orders or self.accounts):
            return
        for account in self.accounts.values():
            account.heard_today = 0
        self._put_back(world)
        for order in orders:
            if order.partner not in self.accounts:
                boats = world.ground.boat_legs[order.partner]
                self.accounts[order.partner] = ReturnAccount(boats)
            account = self.accounts[order.partner]
            self._refer(world, order, account)
        self._admit(world)
        self._give_up(world)
        world.keep_first(drop_finished(world.live, world.migrants.state, world.ended))

    # -- referred and returned -----------------------------------------------------------------

    def _refer(self, world: World, order: ReturnOrder, account: ReturnAccount) -> None:
        """Refer some of those who landed within the days that a referral may take.

        Places of a week that nobody could take are kept for a week.
        """
        m, day = world.migrants, world.day
        weekly = order.places * world.scale
        account.places = min(account.places + weekly / WEEK, max(weekly, 1.0))
        places = int(account.places)
        if not places:
            return
        landed = (m.state == State.ARRIVED_BOAT) & (m.end_day >= day - order.referral_days)
        rows = np.flatnonzero(landed)
        rows = rows[world.ground.authority_from[m.leg[rows]] == order.partner]
        referred = {referral.row for referral in self.referrals}
        rows = rows[[row not in referred for row in rows.tolist()]]
        # a second landing of a person is another occasion
        when = world.first.toordinal() + m.end_day[rows].astype(np.int64)
        able = uniforms(world.seed, Decision.REMOVAL_ELIGIBLE, m.uid[rows], when) < order.eligible
        turn = uniforms(world.seed, Decision.REMOVAL_TURN, m.uid[rows], when)[able]
        for row in rows[able][np.argsort(turn)][:places].tolist():
            due = int(m.end_day[row]) + order.referral_days + order.answer_days
            self.referrals.append(Referral(max(due, day + 1), row, order))
            account.places -= 1.0

    def _put_back(self, world: World) -> None:
        """Return the people who are due, of whom some will try again."""
        due = [referral for referral in self.referrals if referral.due <= world.day]
        if not due:
            return
        self.referrals = [referral for referral in self.referrals if referral.due > world.day]
        m = world.migrants
        rows = np.array([referral.row for referral in due], dtype=np.int64)
        draws = uniforms(world.seed, Decision.REMOVAL_RETRY, m.uid[rows], world.ordinal)
        again = []
        for (_, row, order), u in zip(due, draws.tolist(), strict=True):
            account = self.accounts[order.partner]
            account.heard_today += order.deterrence
            account.admissions += order.admitted
            world.undone_landings.append((row, int(m.end_day[row])))
            world.ended[State.ARRIVED_BOAT] -= 1
            world.ledger.removed[world.day] += 1
            m.place[row], m.leg[row], m.tries[row], m.waited[row] = order.place, -1, 0, 0
            # another visit, so that no occasion comes twice
            m.detours[row] = min(m.detours[row] + 1, MOST)
            if u < order.retry:
                stay = waiting_days(float(world.places.stay_mean[order.place]), u / order.retry)
                m.state[row], m.end_day[row] = State.WAITING, -1
                m.due[row] = world.day + stay
                again.append(row)
                continue
            rest = (u - order.retry) / (1.0 - order.retry)
            back = rest < world.parameters.migrants.returned_share
            state = State.RETURNED if back else State.SETTLED
            m.state[row], m.end_day[row] = state, world.day
            world.ended[state] += 1
        world.room_for_more(len(again))[:] = again
        world.add_first(len(again))

    # -- admitted ------------------------------------------------------------------------------

    def _admit(self, world: World) -> None:
        """Admit as many people who wait on a partner's ground for the UK as were returned.

        Nobody is admitted who was returned before.
        """
        m = world.migrants
        for partner, account in self.accounts.items():
            places = int(account.admissions)
            if not places:
                continue
            today, returned = people_today(world), {row for row, _ in world.undone_landings}
            rows = self._bound_for_uk(world, partner, queued=True)
            rows = rows[[row not in returned for row in rows.tolist()]]
            turn = uniforms(world.seed, Decision.ADMISSION, m.uid[rows], world.ordinal)
            for row in rows[np.argsort(turn)][:places].tolist():
                m.smuggler[row] = -1
                finish(row, int(State.ADMITTED), today)
                world.ledger.admitted[world.day] += 1
                account.admissions -= 1.0

    def _bound_for_uk(self, world: World, partner: int, queued: bool = False) -> Ints:
        """Rows of people who wait on a partner's ground for the UK; see `_list_bound`."""
        m, rows = world.migrants, np.empty(world.live.size, dtype=np.int64)
        count = _list_bound(
            world.live, m.state, m.destination, m.place, world.ground.country, partner, queued,
            rows,
        )  # fmt: skip
        return rows[:count]

    # -- what people make of it ----------------------------------------------------------------

    def _give_up(self, world: World) -> None:
        """Let some of those who wait give up the crossing for good.

        Everyone has a threshold of their own, so that others give up only when the believed risk
        rises further.
        """
        m, elasticity = world.migrants, world.parameters.removal.opt_out_elasticity
        for partner, account in self.accounts.items():
            odds = self.believed_odds(world, account)
            if odds == 0.0:
                continue
            rows = self._bound_for_uk(world, partner)
            loss = m.risk_aversion[rows] * odds * account.loss
            chance = opt_out_chance(loss / account.fee, elasticity)
            u = uniforms(world.seed, Decision.OPT_OUT, m.uid[rows], 0)
            for row in rows[u < chance].tolist():
                today = people_today(world)
                if not turn_elsewhere(row, world.places, today):
                    finish(row, int(State.SETTLED), today)

    def believed_odds(self, world: World, account: ReturnAccount) -> float:
        """Odds of being returned after landing, as people who wait believe them."""
        beliefs = world.parameters.beliefs
        share = account.returned / (account.landed + beliefs.prior_trials)
        share = min(downplayed_risk(share, shade_of(world)), beliefs.ceiling)
        return share / (1.0 - share)

    def update_beliefs(self, world: World) -> None:
        """Let people hear of today's landings and returns, and count the risk into the boat's cost.

        It is called once hearsay of stops has set the costs of legs for tomorrow.
        """
        legs, migrants = world.legs, world.parameters.migrants
        keep = 2.0 ** (-1.0 / world.parameters.beliefs.half_life_days)
        for order in RETURN_ORDERS.of(world.policy):
            account = self.accounts[order.partner]
            # those referred today are returned tomorrow at the earliest
            account.days = max(order.referral_days + order.answer_days, 1)
        for account in self.accounts.values():
            boats = account.boats
            if world.policy.adaptation.beliefs:
                landed = landed_on(world, world.day - account.days, boats)
                account.landed = keep * account.landed + landed / world.scale
                account.returned = keep * account.returned + account.heard_today / world.scale
            account.fee = sum(legs.fee[boats].tolist()) / boats.size
            account.loss = (
                account.fee
                + migrants.stop_cost
                + migrants.day_value * account.days
                + world.parameters.removal.loss
            )
            legs.other_cost[boats] += self.believed_odds(world, account) * account.loss


@kernel
def _list_bound(
    live: np.ndarray,
    state_of: np.ndarray,
    destination: np.ndarray,
    place_of: np.ndarray,
    country: np.ndarray,
    partner: int,
    queued: bool,
    rows: np.ndarray,
) -> int:
    """List the people on a partner's ground who wait for the UK, or have a seat if `queued`.

    Fills in `rows`; returns how many there are.
    """
    count = 0
    for row in live:
        waits = state_of[row] == State.WAITING or (queued and state_of[row] == State.QUEUED)
        if waits and destination[row] == _UK and country[place_of[row]] == partner:
            rows[count] = row
            count += 1
    return count


def landed_on(world: World, day: int, boats: Ints) -> float:
    """Agents who landed on a day from some legs; none before the first day."""
    return float(sum(world.ledger.arrivals[day, boats].tolist())) if day >= 0 else 0.0


def opt_out_chance(loss: Floats, elasticity: float) -> Floats:
    """Chance to give up the crossing, of a person who would not without the risk of a return.

    Demand for a crossing falls with what it costs at a constant elasticity:
    `1 - (1 + loss)^-elasticity`.

    Args:
        loss: (people,) expected loss, in fees.
        elasticity: Of the number who cross in what it costs, as a positive number.

    Returns:
        (people,) the chance; exactly 0 at no loss.
    """
    share: Floats = -np.expm1(-elasticity * np.log1p(loss))
    return share
