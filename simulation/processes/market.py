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
from simulation.agents.smuggler import (
    HEIR_TO_COME,
    NEVER_BACK,
    ORGANISERS,
    Role,
    Smuggler,
    Status,
    at_work,
)
from simulation.chain import link
from simulation.processes.channel import UsualRisk, launch_cost
from simulation.processes.healing import (
    Helpers,
    regain_today,
    share_at_work,
    size_of,
    strength_of,
    take_over,
)
from simulation.processes.operators import (
    contract_mix,
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
from simulation.processes.risk import plain_chance, risk_estimate, salient_chance
from simulation.processes.seats import best_load, cost_per_seat, manned_by_boats, seat_fee
from simulation.processes.service import (
    Desk,
    Service,
    close_books,
    hear_partners,
    list_by_operator,
    make_desk,
    price_pairs,
    set_terms,
)
from simulation.processes.tables import fill_turned_away
from simulation.processes.world import BOAT, SEGMENTS, SUPPLY, World
from simulation.randomness import Decision, draw, uniforms

_WEEK = 7.0
_CAPACITY, _MISSING, _REPLACED = (
    link("capacity"), link("capacity_missing"), link("capacity_replaced"),
)  # fmt: skip
_HIRED, _CUT = link("capacity_hired"), link("capacity_cut")
_FOUNDED, _LEFT = link("capacity_founded"), link("capacity_left")


class Market:
    """The operators and the legs they serve.

    Args:
        world: With operators founded (`found_operators`).
        flows: (legs,) expected attempts a day, people.
        usual_risk: Usual chances that an attempt fails, to which risks are compared.
    """

    def __init__(
        self,
        world: World,
        flows: npt.NDArray[np.float64],
        usual_risk: UsualRisk,
    ) -> None:
        self.service = Service()
        self.usual_risk = usual_risk.operators
        #: (legs,) people found or brought back for each whose attempt fails
        self._met = usual_risk.people / np.maximum(usual_risk.operators, 1e-9)
        self._flows = flows
        #: shares of the flows expected on some legs, by the legs, as far as they were asked for
        self._shares: dict[bytes, npt.NDArray[np.float64]] = {}
        #: (legs,) fee of a single try against that with a guarantee at the usual risk
        self._usual_single = self._single_share(world, self.usual_risk, np.arange(flows.size))
        self.helpers = Helpers()
        self.helpers.survey(world)
        #: who was open for business today, and what they took
        self._desk = make_desk(world.smugglers)
        self._desk.today.working[:] = True
        #: (pairs,) fees in EUR, and weights of a unit of capacity, until one or the other changes
        self._prices: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]] | None = None
        #: (3, legs) work space for what is offered on a leg
        self._sums = np.empty((3, flows.size))
        #: share of the memory of demand left after a day
        self._keep = float(np.exp(-1.0 / world.parameters.market.demand_memory_days))
        self._known = 0
        self._fee_factor = leg_fee_factors(world)
        self._usual_fee = segment_values(world, "fee")
        #: (segments, places) EUR an operator usually sees of each fee
        self._usual_taken = usual_fees(world, flows) * world.share_paid
        stalls = len(SEGMENTS), len(world.corridor.places)
        #: (segments, places) work space for operators and sums of their profit rates
        self._stalls = np.empty(stalls, dtype=np.int64), np.empty(stalls)
        self._week_unmet = np.zeros(flows.size)
        self._week_asked = np.zeros(flows.size)
        world.ties = np.empty((0, 2), dtype=np.int32)
        world.jurisdiction = np.empty((len(world.corridor.authorities), 0), dtype=bool)
        self._admit(world)
        self._arrange(world)

    # -- every morning -------------------------------------------------------------------------

    def open(self, world: World) -> None:
        """Let operators come back, successors take over, and set room and weights for today."""
        due = regain_today(world, self.helpers)
        if due:
            for row in due:
                self._succeed(world, row)
            self._admit(world)
            self._arrange(world)
        self._set_room(world)

    def _succeed(self, world: World, row: int) -> None:
        """A successor takes over from somebody who is held."""
        world.smuggler_agents[row].retire()
        heir = inherit(world, row, world.ordinal)
        self.service.hand_over(row, heir)
        s = world.smugglers
        self.helpers.drawn[s.stage[heir]] += size_of(s)[heir]
        world.count(_REPLACED, float(s.capacity[heir]))

    def _admit(self, world: World) -> None:
        """Give new operators their legs, ties, jurisdictions and agents."""
        s = world.smugglers
        rows = np.arange(self._known, s.count)
        if not rows.size:
            return
        serves = np.zeros(s.count, dtype=bool)
        serves[self.service.smuggler] = True
        heirs = serves[rows]  # they serve what the arrested did
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
        # what somebody who is held served is for the one to come, or for a successor
        keep = (s.status != Status.RETIRED)[self.service.smuggler]
        world.pairs = self.service.arrange(keep, s.uid, self.usual_risk.size)
        world.pairs_leg = self.service.leg
        self._prices = None

    def _set_room(self, world: World) -> None:
        """Room, fee, weight and skill of every pair today; fee and offer of every leg."""
        pairs, legs, service, market = (
            world.pairs, world.legs, self.service, world.parameters.market,
        )  # fmt: skip
        desk = self._desk_today(world)
        if self._prices is None:
            asked, utility = np.empty((2, service.leg.size))
            price_pairs(
                desk.operators, service.smuggler, service.leg, self._fee_factor,
                world.rules.choice_scale, market.reputation_weight, asked, utility,
            )  # fmt: skip
            self._prices = asked, np.exp(utility)
        set_terms(
            world.seed, desk.operators, desk.today, pairs, service.leg, service.share,
            service.carried, service.single, *self._prices, legs, world.day, market.orphan_loss,
            world.parameters.channel.queue_depth, world.scale, world.queue_length, *self._sums,
        )  # fmt: skip

    def _desk_today(self, world: World) -> Desk:
        """The operators there are now; made anew when there are more."""
        if self._desk.operators.uid is not world.smugglers.uid:
            self._desk = make_desk(world.smugglers)
        return self._desk

    # -- every evening -------------------------------------------------------------------------

    def account(self, world: World) -> None:
        """Book the day's revenue, costs and losses."""
        market, service, ledger = world.parameters.market, self.service, world.ledger
        desk = self._desk_today(world)
        capacity = close_books(
            desk.operators, world.pairs, service.leg, self._fee_factor, world.revenue,
            world.smugglers.place, self._usual_taken, market.use_usual, market.overhead_share,
            market.loss_per_stop, world.scale, desk.books, desk.today.working, world.counts,
            self._keep, service.trials, service.losses, service.asked, service.carried,
            self._week_asked, self._week_unmet,
        )  # fmt: skip
        ledger.revenue[world.day] = desk.books.income.sum()
        ledger.profit[world.day] += desk.books.gain.sum()
        world.count(_CAPACITY, capacity)
        world.count(_MISSING, float(world.smugglers.missing.sum()))

    def _usual_revenue(self, world: World) -> npt.NDArray[np.float64]:
        """EUR a day an operator of this size takes when its market is in balance, (operators,)."""
        s, market = world.smugglers, world.parameters.market
        return s.capacity * self._usual_taken[s.stage, s.place] * market.use_usual

    def replace_arrested(self, world: World) -> None:
        """Partners of those arrested look for a successor; without, some cells are gone for good.

        How long they look is drawn in days on which all helpers are to be had that are looked for.
        """
        if not world.arrests:
            return
        s, market = world.smugglers, world.parameters.market
        days = segment_values(world, "replacement_days")
        for row in world.arrests:
            if not world.policy.adaptation.recruitment:
                if s.back[row] == NEVER_BACK:
                    world.smuggler_agents[row].retire()
                continue
            organises = s.role[row] in ORGANISERS
            usual = market.replacement_days_organiser if organises else days[s.stage[row]]
            luck = draw(world.seed, Decision.REPLACEMENT, s.uid[row], world.ordinal)
            s.search[row], s.heir[row] = 1.0 - np.log(luck) * usual, HEIR_TO_COME

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
        asked_of = self._set_use(world, risk, working)
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
        by_operator = np.empty(service.smuggler.size, dtype=np.int64)
        start = np.empty(world.smugglers.count + 1, dtype=np.int64)
        list_by_operator(service.smuggler, start, by_operator)
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
        kept = (1.0 - risk) * contract_mix(world.parameters)
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

    def _set_use(
        self, world: World, risk: npt.NDArray[np.float64], working: npt.NDArray[np.bool_]
    ) -> npt.NDArray[np.float64]:
        """Smoothed share of capacity that was asked for, unmet demand included.

        Of launchers it is the queue against the seats on offer: those of crews for whom there are
        boats, of launches that get past the patrols.

        Returns:
            (operators,) the share of this week, not smoothed.
        """
        s, market, service = world.smugglers, world.parameters.market, self.service
        turned_away = np.empty_like(self._week_asked)
        fill_turned_away(self._week_asked, self._week_unmet, world.scale, turned_away)
        times = 1.0 + np.minimum(turned_away[service.leg], market.unmet_cap)
        demand = np.bincount(service.smuggler, weights=service.asked * times, minlength=s.count)
        capacity = s.capacity.copy()
        boats = s.stage == BOAT
        if boats.any():
            queue = np.zeros(s.count)
            queue[: world.queue_length.size] = world.queue_length
            queue *= self._mean_over_legs(world, times)
            demand = np.where(boats, queue / world.scale, demand)
            capacity = np.where(boats, self._seats_ahead(world, risk, working), capacity)
        now = demand / np.maximum(capacity, 1e-9)
        change = market.use_speed * (np.minimum(now, market.use_cap) - s.use)
        s.use[:] += np.where(working, change, 0.0)
        return np.asarray(now)

    def _mean_over_legs(
        self, world: World, values: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.float64]:
        """Means over each operator's legs, by its capacity there: (pairs,) to (operators,)."""
        service, count = self.service, world.smugglers.count
        weight = np.bincount(service.smuggler, weights=service.share, minlength=count)
        total = np.bincount(service.smuggler, weights=service.share * values, minlength=count)
        return np.asarray(total / np.maximum(weight, 1e-9))

    def _boats_manned(self, world: World) -> npt.NDArray[np.float64]:
        """Crews that launchers' boats keep at work, those on their way included, (operators,)."""
        s = world.smugglers
        return manned_by_boats(s.boats + s.ordered, world.parameters.supply.boats_per_crew)

    def _seats_ahead(
        self, world: World, risk: npt.NDArray[np.float64], working: npt.NDArray[np.bool_]
    ) -> npt.NDArray[np.float64]:
        """Seats that launchers promise ahead and can keep, (operators,).

        The crews for whom there are boats, fewer without an organiser, times the load, times the
        share of launches that get through against the usual one.
        """
        s, parameters = world.smugglers, world.parameters
        led = np.where(working, strength_of(world, working), 1.0)
        crews = np.minimum(led * s.teams, self._boats_manned(world))
        failure = plain_chance(risk, parameters.market.loss_salience)
        through = (1.0 - self._mean_over_legs(world, failure)) / np.maximum(
            1.0 - self._mean_over_legs(world, self.usual_risk[self.service.leg]), 1e-9
        )
        return np.asarray(parameters.channel.queue_depth * s.load * crews * through)

    def _hire(
        self,
        world: World,
        asked_of: npt.NDArray[np.float64],
        working: npt.NDArray[np.bool_],
    ) -> None:
        """Operators take on helpers where clients outnumber them, and let them go where not.

        Few organise and many help, and helpers are found within days (Campana 2018). For clients
        of those who are out operators take on helpers only as far as arrests have removed capacity
        that nothing has made good, and it is made good by that: whoever is out for days comes back
        to its clients.

        Nobody hires a crew for a boat that is neither there nor on its way.

        Args:
            world: The world.
            asked_of: (operators,) share of capacity that was asked for this week.
            working: (operators,) who is at work.
        """
        s = world.smugglers
        hires = working & (s.stage != SUPPLY)
        self.helpers.survey(world)
        found = self.helpers.found(world)[s.stage]
        usual = asked_of * share_at_work(world, working)[s.stage]
        growth = np.where(hires, self._growth(world, usual), 1.0)
        more = np.where(hires, self._growth(world, asked_of), 1.0) - growth
        # what is grown for clients of those who are out
        extra = np.bincount(s.stage, size_of(s) * more * found, len(SEGMENTS))
        taken = take_over(world, extra)
        self.helpers.drawn += taken
        part = np.divide(taken, extra, out=np.zeros_like(extra), where=extra > 0)[s.stage]
        growth = np.where(growth > 1.0, 1.0 + (growth - 1.0) * found, growth) + part * found * more
        change = s.capacity * (growth - 1.0)
        world.count(_HIRED, float(change[change > 0.0].sum()))
        world.count(_CUT, float(-change[change < 0.0].sum()))
        s.capacity[:] *= growth
        s.teams[:] *= growth

    def _growth(self, world: World, asked_of: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Factor by which operators want to grow this week, (operators,).

        Args:
            world: The world.
            asked_of: (operators,) share of capacity that was asked for.
        """
        s, market = world.smugglers, world.parameters.market
        wanted = np.log(np.maximum(asked_of, 1e-9) / usual_use(world, s.stage))
        launchers = (s.stage == BOAT) & (s.teams > 0.0)
        manned = self._boats_manned(world) / np.where(launchers, np.maximum(s.teams, 1e-9), 1.0)
        manned = np.log(np.maximum(manned, 1e-9))
        wanted = np.where(launchers, np.minimum(wanted, manned), wanted)
        speed = np.where(wanted > 0.0, market.hiring_speed, market.firing_speed)
        step = np.clip(speed * wanted, -market.firing_most, market.hiring_most)
        least = market.hiring_floor * world.typical_capacity[s.stage, s.place]
        size = np.maximum(s.capacity * np.exp(step), np.minimum(least, s.capacity))
        return np.asarray(size / np.maximum(s.capacity, 1e-9))

    def _set_fees(
        self, world: World, risk: npt.NDArray[np.float64], working: npt.NDArray[np.bool_]
    ) -> None:
        """Fee: the usual one, risk passed on, times excess demand; approached step by step."""
        s, market = world.smugglers, world.parameters.market
        self._prices = None
        expected = salient_chance(self.usual_risk[self.service.leg], market.loss_salience)
        extra = self._mean_over_legs(world, risk - expected)
        usual = self._usual_fee[s.stage] * s.level
        demand = np.exp(market.price_response * (s.use - usual_use(world, s.stage)))
        target = usual * (1.0 + market.risk_pass_through * extra) * demand
        target = np.maximum(target, s.cost * market.price_floor)
        target = np.where(s.stage == BOAT, self._seat_fees(world, risk, usual), target)
        s.fee[:] += np.where(working, market.price_speed * (target - s.fee), 0.0)
        failure = plain_chance(risk, market.loss_salience)
        single = self._single_share(world, failure, self.service.leg)
        change = market.price_speed * (single - self.service.single)
        self.service.single += np.where(working[self.service.smuggler], change, 0.0)

    def _single_share(
        self, world: World, failure: npt.NDArray[np.float64], leg: npt.NDArray
    ) -> npt.NDArray[np.float64]:
        """Fee of a single try against that with a guarantee, (n,), which covers the tries to come.

        Both earn the same for each person brought through, but for what operators ask on top for
        bearing the risk. People of a stopped launch who are not found are not asked again.

        Args:
            world: The world.
            failure: (n,) chance that an attempt fails, in the eyes of operators.
            leg: (n,) leg of each attempt.
        """
        due_again = self._met[leg] * failure
        again = due_again / np.maximum(due_again + 1.0 - failure, 1e-9)
        return np.asarray((1.0 - again) / (1.0 + world.parameters.market.guarantee_premium))

    def _seat_fees(
        self, world: World, risk: npt.NDArray[np.float64], usual: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.float64]:
        """What launchers would ask for a seat, (operators,): scarcity and cost per seat."""
        s, parameters = world.smugglers, world.parameters
        market, channel = parameters.market, parameters.channel
        saved = channel.launch_cost * channel.retry_cost_share
        failure = self._mean_over_legs(world, plain_chance(risk, market.loss_salience))
        load = np.maximum(s.load, channel.load_least * world.policy.boat_size)
        cost = cost_per_seat(load, failure, launch_cost(world), saved, channel.seizure_chance)
        usual_cost = cost_per_seat(
            np.full(s.count, channel.load_start * world.policy.boat_size),
            self._mean_over_legs(world, self.usual_risk[self.service.leg]),
            channel.launch_cost, saved, channel.seizure_chance,
        )  # fmt: skip
        return seat_fee(
            usual, self._queue(world), market.seat_scarcity, cost,
            market.cost_pass_through * (cost - usual_cost), market.price_floor,
            market.seat_fee_most,
        )  # fmt: skip

    def _queue(self, world: World) -> npt.NDArray[np.float64]:
        """People who want a seat for each on offer, against what is usual, (operators,)."""
        s, market = world.smugglers, world.parameters.market
        return np.maximum(s.use / usual_use(world, s.stage), market.queue_least)

    def _set_loads(self, world: World, working: npt.NDArray[np.bool_]) -> None:
        """People per boat: the best load at the fee and the queue, within bounds, step by step."""
        s, channel = world.smugglers, world.parameters.channel
        launcher = working & (s.stage == BOAT)
        fee = s.fee / (self._usual_fee[s.stage] * s.level + 1e-9)
        wanted = best_load(
            channel.load_start, fee, self._queue(world), channel.load_convexity,
            channel.load_response,
        )  # fmt: skip
        target = world.policy.boat_size * np.clip(wanted, channel.load_least, channel.load_most)
        change = channel.load_speed * (target - s.load)
        s.load[:] += np.where(launcher, change, 0.0)

    def _set_reputation(self, world: World) -> None:
        """Smoothed share of clients brought through, of who is held now as well: people talk."""
        s, market = world.smugglers, world.parameters.market
        self._prices = None
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
        who, where = np.repeat(rows, [some.size for some in legs]), np.concatenate(legs)
        self.service.add(
            who,
            where,
            np.concatenate([self._usual_shares(some) for some in legs]),
            # or all who are alike would have a place to offer on the same days
            uniforms(world.seed, Decision.CAPACITY_ROUNDING, world.smugglers.uid[who], where),
            self._usual_single[where],
        )

    def _usual_shares(self, legs: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
        """Shares of the flows expected on the legs that leave a place, (n,); worked out once."""
        if not legs.size:
            return np.empty(0)
        key = legs.tobytes()
        if key not in self._shares:
            flow = np.maximum(self._flows[legs], 1e-6)
            self._shares[key] = flow / flow.sum()
        return self._shares[key]

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
        launchers = active & (s.stage == BOAT)
        if self._boats_manned(world)[launchers].sum() < s.teams[launchers].sum() + 1.0:
            number[BOAT] = 0  # there is no boat for another crew
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
            gained = np.zeros(len(SEGMENTS))
            gained[segment] = size_of(world.smugglers)[row]
            take_over(world, gained)
        return bool(entering)
