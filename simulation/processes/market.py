"""The smugglers' market: who serves which leg, at what fee, and how operators respond.

Operators are independent and compete (Campana 2018). Every response can be switched off by the
scenario: where they work (route), what they ask (price), how full they load (load), who replaces
whom (recruitment). What they adapt to returns to its usual level when a policy ends, because each
rule pulls towards a level set by present conditions, never by its own past.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simulation.agents.columns import register_rows
from simulation.agents.smuggler import HEIR_TO_COME, Role, Smuggler, Status
from simulation.chain import link
from simulation.processes.operators import (
    draw_ties,
    inherit,
    join_market,
    jurisdictions,
    leg_fee_factors,
    segment_values,
    served_legs,
    usual_cost,
    usual_fees,
    usual_use,
)
from simulation.processes.relocation import count_stalls, relocate
from simulation.processes.risk import risk_estimate
from simulation.processes.service import (
    OperatorsToday,
    Service,
    at_work,
    book_day,
    hear_partners,
    let_go,
    muster,
    operator_arrays,
    remember_day,
    set_terms,
)
from simulation.processes.tables import fill_turned_away
from simulation.processes.world import BOAT, SEGMENTS, SUPPLY, World
from simulation.randomness import Decision, draw, uniforms

_WEEK = 7.0
_CAPACITY, _RELEASED, _REPLACED = (
    link("capacity"), link("capacity_released"), link("capacity_replaced"),
)  # fmt: skip
_HIRED, _CUT = link("capacity_hired"), link("capacity_cut")
_FOUNDED, _LEFT = link("capacity_founded"), link("capacity_left")


class Market:
    """The operators and the legs they serve.

    Args:
        world: With operators founded (`found_operators`).
        flows: (legs,) expected attempts a day, people.
        usual_risk: (legs,) usual chance that an attempt fails, to which risks are compared.
    """

    def __init__(
        self,
        world: World,
        flows: npt.NDArray[np.float64],
        usual_risk: npt.NDArray[np.float64],
    ) -> None:
        self.service = Service()
        self.usual_risk = usual_risk
        self._flows = flows
        self._successions: list[tuple[int, int]] = []  # day due, row of who was arrested
        #: (operators,) who was open for business today
        self._worked = np.ones(world.smugglers.count, dtype=bool)
        self._known = 0
        self._fee_factor = leg_fee_factors(world)
        self._usual_fee = segment_values(world, "fee")
        #: (segments, places) EUR an operator usually sees of each fee
        self._usual_taken = usual_fees(world, flows) * world.share_paid
        stalls = len(SEGMENTS), len(world.corridor.places)
        #: (segments, places) work space for operators and sums of their profit rates
        self._stalls = np.empty(stalls, dtype=np.int64), np.empty(stalls)
        self._week_unmet = np.zeros(usual_risk.size)
        self._week_asked = np.zeros(usual_risk.size)
        world.ties = np.empty((0, 2), dtype=np.int32)
        world.jurisdiction = np.empty((len(world.corridor.authorities), 0), dtype=bool)
        self._admit(world)
        self._arrange(world)

    # -- every morning -------------------------------------------------------------------------

    def open(self, world: World) -> None:
        """Let operators come back, successors take over, and set room and weights for today."""
        s, day = world.smugglers, world.day
        self._release(world)
        let_go(day, s.status, s.until)
        due = [row for when, row in self._successions if when <= day]
        if due:
            self._successions = [item for item in self._successions if item[0] > day]
            for row in due:
                heir = inherit(world, row, world.ordinal)
                self.service.hand_over(row, heir)
                world.count(_REPLACED, float(world.smugglers.capacity[heir]))
            self._admit(world)
            self._arrange(world)
        self._set_room(world)

    def _release(self, world: World) -> None:
        """Count what those whose custody ends today can carry."""
        out = [row for row, (until, _) in world.custody.items() if until <= world.day]
        for row in out:
            world.count(_RELEASED, world.custody.pop(row)[1])

    def _admit(self, world: World) -> None:
        """Give new operators their legs, ties, jurisdictions and agents."""
        s = world.smugglers
        rows = np.arange(self._known, s.count)
        if not rows.size:
            return
        heirs = np.isin(rows, self.service.smuggler)  # they serve what the arrested did
        if not heirs.all():
            self._serve(world, rows[~heirs])
        world.jurisdiction = np.concatenate(
            [world.jurisdiction, jurisdictions(world, rows)], axis=1
        )
        world.ties = np.concatenate([world.ties, draw_ties(world, rows)])
        world.smuggler_agents.extend(register_rows(world.model, Smuggler, rows.tolist()))
        self._known = s.count

    def _arrange(self, world: World) -> None:
        """Sort pairs after births and departures."""
        s = world.smugglers
        # what somebody arrested for good served is for the successor to come
        keep = s.status != Status.RETIRED
        keep[[row for _, row in self._successions]] = True
        keep = keep[self.service.smuggler]
        world.pairs = self.service.arrange(keep, s.uid, self.usual_risk.size)
        world.pairs_leg = self.service.leg

    def _set_room(self, world: World) -> None:
        """Room, fee, weight and skill of every pair today; fee and offer of every leg."""
        pairs, legs, leg = world.pairs, world.legs, self.service.leg
        market, s = world.parameters.market, operator_arrays(world.smugglers)
        count = world.smugglers.count
        today = OperatorsToday(np.empty(count, dtype=bool), np.empty(count), np.empty(count))
        self._worked = today.working
        asked, utility = np.empty((2, leg.size))
        muster(
            s, pairs, leg, self._fee_factor, world.day, market.orphan_loss,
            world.parameters.channel.queue_depth, world.scale, world.queue_length,
            world.rules.choice_scale, market.reputation_weight, today, asked, utility,
        )  # fmt: skip
        total, money = np.empty((2, legs.fee.size))
        set_terms(
            world.seed, s, today, pairs, leg, self.service.share, self.service.carried, asked,
            np.exp(utility), legs, world.scale, total, money,
        )  # fmt: skip

    # -- every evening -------------------------------------------------------------------------

    def account(self, world: World) -> None:
        """Book the day's revenue, costs and losses."""
        pairs, market, service = world.pairs, world.parameters.market, self.service
        count = world.smugglers.count
        spent, income, gain = np.empty((3, count))
        trips, losses = np.empty((2, count), dtype=np.int64)
        capacity = book_day(
            operator_arrays(world.smugglers), pairs, service.leg, self._fee_factor, world.revenue,
            world.smugglers.place, self._usual_taken, market.use_usual, market.overhead_share,
            market.loss_per_stop, world.scale, trips, losses, spent, income, gain,
        )  # fmt: skip
        remember_day(
            pairs, self._worked, world.counts, world.scale,
            float(np.exp(-1.0 / market.demand_memory_days)), service.trials, service.losses,
            service.asked, service.carried, self._week_asked, self._week_unmet,
        )  # fmt: skip
        world.ledger.revenue[world.day] = income.sum()
        world.ledger.profit[world.day] += gain.sum()
        held = sum(capacity for _, capacity in world.custody.values())
        world.count(_CAPACITY, capacity - held)

    def _usual_revenue(self, world: World) -> npt.NDArray[np.float64]:
        """EUR a day an operator of this size takes when its market is in balance, (operators,)."""
        s, market = world.smugglers, world.parameters.market
        return s.capacity * self._usual_taken[s.stage, s.place] * market.use_usual

    def replace_arrested(self, world: World) -> None:
        """Partners of those arrested look for a successor; rivals take the clients at once."""
        if not (world.arrests and world.policy.adaptation.recruitment):
            return
        s, market = world.smugglers, world.parameters.market
        days = segment_values(world, "replacement_days")
        for row in world.arrests:
            usual = days[s.stage[row]]
            if s.role[row] in (Role.BROKER, Role.FINANCIER):
                usual = market.replacement_days_organiser
            luck = draw(world.seed, Decision.REPLACEMENT, s.uid[row], world.ordinal)
            wait = 1 + int(-np.log(luck) * usual)
            self._successions.append((world.day + wait, row))
            s.heir[row] = HEIR_TO_COME

    # -- every week ----------------------------------------------------------------------------

    def adapt(self, world: World) -> None:
        """Learn risks, move capacity and fees, set loads, enter and leave.

        Whoever is held or lies low learns nothing from seeing no clients: it comes back, or hands
        on to a successor, as it was.
        """
        adaptation = world.policy.adaptation
        working = at_work(world.smugglers, world.day)
        risk = self._learn(world)
        if adaptation.route:
            self._move_capacity(world, risk, working)
        asked_of = self._set_use(world, working)
        if adaptation.recruitment:
            self._hire(world, asked_of, working)
        if adaptation.price:
            self._set_fees(world, risk, working)
        if adaptation.load:
            self._set_loads(world, working)
        self._set_reputation(world)
        self._set_profit(world, working)
        moved = self._relocate(world) if adaptation.route else False
        left = self._leave(world)
        entered = self._enter(world) if adaptation.recruitment else False
        if left or entered or moved:
            self._admit(world)
            self._arrange(world)
        s = world.smugglers
        for name in ("week_revenue", "week_cost", "week_trips", "week_losses"):
            getattr(s, name)[:] = 0
        self._week_unmet[:] = 0
        self._week_asked[:] = 0

    def _learn(self, world: World) -> npt.NDArray[np.float64]:
        """Believed chance of a stop of each pair, from own and partners' trips, (pairs,)."""
        market, service = world.parameters.market, self.service
        trials, losses = service.trials.copy(), service.losses.copy()
        # partners on the same leg: what they tell counts in part
        by_operator = np.argsort(service.smuggler, kind="stable")
        start = np.searchsorted(service.smuggler[by_operator], np.arange(world.smugglers.count + 1))
        hear_partners(
            world.ties, start, by_operator, service.leg, market.partner_weight, service.trials,
            service.losses, trials, losses,
        )  # fmt: skip
        keep = 2.0 ** (-_WEEK / market.risk_half_life_days)
        service.trials *= keep
        service.losses *= keep
        return risk_estimate(
            losses / world.scale,
            trials / world.scale,
            self.usual_risk[service.leg],
            market.risk_prior_trials,
            market.loss_salience,
        )

    def _move_capacity(
        self, world: World, risk: npt.NDArray[np.float64], working: npt.NDArray[np.bool_]
    ) -> None:
        """Share of capacity on each leg: a logit on expected profit a day."""
        s, market, service = world.smugglers, world.parameters.market, self.service
        who = service.smuggler
        fee = s.fee[who] * self._fee_factor[service.leg]
        cost = s.cost[who] * self._fee_factor[service.leg]
        kept = 1.0 - risk * world.parameters.migrants.escrow_share
        margin = fee * kept - cost - risk * market.loss_per_stop
        room = np.maximum(s.capacity[who], 1e-9)
        filled = np.minimum(service.asked / room, 1.0)
        # what a place of capacity earns: clients asked where it is, hoped for where it is not
        hoped = np.maximum(filled / np.maximum(service.share, market.share_floor), 0.0)
        profit = margin * np.minimum(hoped, 1.0)
        score = np.exp(np.clip(profit / np.maximum(market.route_scale * fee, 1e-9), -30.0, 30.0))
        total = np.bincount(who, weights=score, minlength=s.count)[who]
        wanted = score / total
        wanted = market.share_floor + (1.0 - market.share_floor) * wanted
        wanted /= np.bincount(who, weights=wanted, minlength=s.count)[who]
        service.share += np.where(working[who], market.route_speed * (wanted - service.share), 0.0)

    def _set_use(self, world: World, working: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
        """Smoothed share of capacity that was asked for, unmet demand included.

        Returns:
            (operators,) the share of this week, not smoothed.
        """
        s, market, service = world.smugglers, world.parameters.market, self.service
        turned_away = np.empty_like(self._week_asked)
        fill_turned_away(self._week_asked, self._week_unmet, world.scale, turned_away)
        asked = service.asked * (1.0 + np.minimum(turned_away[service.leg], market.unmet_cap))
        demand = np.bincount(service.smuggler, weights=asked, minlength=s.count)
        capacity = s.capacity.copy()
        boats = s.stage == BOAT
        if boats.any():
            queue = np.zeros(s.count)
            queue[: world.queue_length.size] = world.queue_length
            demand = np.where(boats, queue / world.scale, demand)
            depth = world.parameters.channel.queue_depth * s.load * s.teams
            capacity = np.where(boats, depth, capacity)
        now = demand / np.maximum(capacity, 1e-9)
        change = market.use_speed * (np.minimum(now, market.use_cap) - s.use)
        s.use[:] += np.where(working, change, 0.0)
        return np.asarray(now)

    def _hire(
        self,
        world: World,
        asked_of: npt.NDArray[np.float64],
        working: npt.NDArray[np.bool_],
    ) -> None:
        """Operators take on helpers where clients outnumber them, and let them go where not.

        Few organise and many help, and helpers are found within days (Campana 2018).

        Args:
            world: The world.
            asked_of: (operators,) share of capacity that was asked for this week.
            working: (operators,) who is at work.
        """
        s, market = world.smugglers, world.parameters.market
        wanted = np.log(np.maximum(asked_of, 1e-9) / usual_use(world, s.stage))
        speed = np.where(wanted > 0.0, market.hiring_speed, market.firing_speed)
        step = np.clip(speed * wanted, -market.firing_most, market.hiring_most)
        least = market.hiring_floor * world.typical_capacity[s.stage, s.place]
        size = np.maximum(s.capacity * np.exp(step), np.minimum(least, s.capacity))
        hires = working & (s.stage != SUPPLY)
        growth = np.where(hires, size / np.maximum(s.capacity, 1e-9), 1.0)
        change = s.capacity * (growth - 1.0)
        world.count(_HIRED, float(change[change > 0.0].sum()))
        world.count(_CUT, float(-change[change < 0.0].sum()))
        s.capacity[:] *= growth
        s.teams[:] *= growth

    def _set_fees(
        self, world: World, risk: npt.NDArray[np.float64], working: npt.NDArray[np.bool_]
    ) -> None:
        """Fee: the usual one, risk passed on, times excess demand; approached step by step."""
        s, market, service = world.smugglers, world.parameters.market, self.service
        change = risk - self.usual_risk[service.leg]
        weight = np.bincount(service.smuggler, weights=service.share, minlength=s.count)
        extra = np.bincount(service.smuggler, weights=service.share * change, minlength=s.count)
        extra /= np.maximum(weight, 1e-9)
        usual = self._usual_fee[s.stage] * s.level
        demand = np.exp(market.price_response * (s.use - usual_use(world, s.stage)))
        target = usual * (1.0 + market.risk_pass_through * extra) * demand
        target = np.maximum(target, s.cost * market.price_floor)
        s.fee[:] += np.where(working, market.price_speed * (target - s.fee), 0.0)

    def _set_loads(self, world: World, working: npt.NDArray[np.bool_]) -> None:
        """People per boat: the load at which a further seat earns what its risk costs.

        With revenue proportional to the load and losses rising with its power `load_convexity`,
        the best load goes with the fee to the power 1 / (convexity - 1). Short supply of seats
        raises it further.
        """
        s, channel = world.smugglers, world.parameters.channel
        launcher = working & (s.stage == BOAT)
        fee = s.fee / (self._usual_fee[s.stage] * s.level + 1e-9)
        best = fee ** (1.0 / (channel.load_convexity - 1.0))
        crowd = np.exp(channel.load_response * (s.use - usual_use(world, s.stage)))
        size = world.policy.boat_size
        wanted = channel.load_start * best * crowd
        target = size * np.clip(wanted, channel.load_least, channel.load_most)
        change = channel.load_speed * (target - s.load)
        s.load[:] += np.where(launcher, change, 0.0)

    def _set_reputation(self, world: World) -> None:
        """Smoothed share of clients brought through, of who is held now as well: people talk."""
        s, market = world.smugglers, world.parameters.market
        tried = s.week_trips > 0
        through = 1.0 - s.week_losses / np.maximum(s.week_trips, 1)
        s.reputation[:] += np.where(tried, market.reputation_speed * (through - s.reputation), 0.0)

    def _set_profit(self, world: World, working: npt.NDArray[np.bool_]) -> None:
        """Smoothed profit against the revenue usual for an operator's size."""
        s, market = world.smugglers, world.parameters.market
        usual = np.maximum(_WEEK * self._usual_revenue(world), 1e-9)
        margin = (s.week_revenue / world.scale - s.week_cost) / usual
        margin = np.where(s.stage == SUPPLY, 0.0, margin)
        change = market.profit_speed * (margin - s.profit_rate)
        s.profit_rate[:] += np.where(working, change, 0.0)

    def _relocate(self, world: World) -> bool:
        """Some operators move to a place of their stage that pays better."""
        s, market = world.smugglers, world.parameters.market
        active = at_work(s, world.day) & (s.capacity > 0) & (s.stage != SUPPLY)
        moved = np.empty(s.count, dtype=np.int64)
        count = relocate(
            world.seed, world.ordinal, s.uid, s.stage, s.place, s.profit_rate, active,
            market.relocation_rate, market.relocation_scale, *self._stalls,
            np.empty(s.count, dtype=np.int64), np.empty(s.count), moved,
        )  # fmt: skip
        if count:
            rows = moved[:count]
            s.cost[rows] = usual_cost(world, s.stage[rows], s.place[rows])
            self.service.drop(rows, s.count)
            self._serve(world, rows)
            world.jurisdiction[:, rows] = jurisdictions(world, rows)
        return count > 0

    def _serve(self, world: World, rows: npt.NDArray[np.intp]) -> None:
        """Let operators offer the legs of their places, by the flows expected there."""
        legs = [served_legs(world, int(row)) for row in rows]
        flows = [np.maximum(self._flows[some], 1e-6) for some in legs]
        who, where = np.repeat(rows, [some.size for some in legs]), np.concatenate(legs)
        self.service.add(
            who,
            where,
            np.concatenate([flow / flow.sum() for flow in flows]),
            # or all who are alike would have a place to offer on the same days
            uniforms(world.seed, Decision.CAPACITY_ROUNDING, world.smugglers.uid[who], where),
        )

    def _leave(self, world: World) -> bool:
        """Operators whose cash is gone leave the market, but for the last one at a place.

        Somebody always knows the way: without this a place that nobody passes for a while would
        be closed for ever.
        """
        s = world.smugglers
        broke = (s.cash < 0) & (s.status == Status.ACTIVE) & (s.stage != SUPPLY)
        broke &= (s.role != Role.BROKER) & (s.role != Role.FINANCIER)
        if not broke.any():
            return False
        stall = s.stage.astype(np.int64) * len(world.corridor.places) + s.place
        open_stalls = s.status != Status.RETIRED
        staying = np.bincount(stall[open_stalls & ~broke], minlength=int(stall.max()) + 1)
        leaving = np.flatnonzero(broke)
        _, last = np.unique(stall[leaving], return_index=True)
        only = leaving[last][staying[stall[leaving[last]]] == 0]
        s.cash[only] = 0.0
        broke[only] = False
        world.count(_LEFT, float(s.capacity[broke].sum()))
        s.status[broke] = Status.RETIRED
        return bool(broke.any())

    def _enter(self, world: World) -> bool:
        """Newcomers set up where operators earn well above their outside wage."""
        s, market = world.smugglers, world.parameters.market
        active = (s.status == Status.ACTIVE) & (s.capacity > 0) & (s.stage != SUPPLY)
        number, profit = self._stalls
        count_stalls(s.stage, s.place, s.profit_rate, active, number, profit)
        barrier = np.full(len(SEGMENTS), market.entry_margin)
        barrier[BOAT] = market.entry_margin_boat
        entering: list[tuple[int, int, int]] = []
        turned_away = np.zeros(world.typical_capacity.shape)
        ground = world.ground
        np.add.at(turned_away, (ground.segment, ground.origin), self._week_unmet / world.scale)
        # how many operators those turned away would keep busy
        wanted = turned_away / (_WEEK * np.maximum(world.typical_capacity, 1e-9))
        scope = np.maximum(number, wanted)
        # the sums only tell where it is worth a closer look
        worth_a_look = (number > 0) & (profit > number * (barrier[:, None] - 1e-6))
        for segment, place in np.argwhere(worth_a_look).tolist():
            local = active & (s.stage == segment) & (s.place == place)
            excess = float(s.profit_rate[local].mean()) - barrier[segment]
            if excess <= 0:
                continue
            expected = min(market.entry_rate * excess * scope[segment, place], market.entry_cap)
            key = (segment << 16) | place
            luck = draw(world.seed, Decision.MARKET_ENTRY, key, world.ordinal)
            entering += [(segment, place, rank) for rank in range(int(expected + luck))]
        for segment, place, rank in entering:
            row = join_market(world, segment, place, rank)
            world.count(_FOUNDED, float(world.smugglers.capacity[row]))
        return bool(entering)
