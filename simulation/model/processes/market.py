"""The smugglers' market: who serves which leg, at what fee, and how operators respond.

Operators are independent and compete (Campana 2018). Every response can be switched off by the
scenario: where they work (route), what they ask (price), how full they load (load), who replaces
whom (recruitment). What they adapt to returns to its usual level when a policy ends, because each
rule pulls towards a level set by present conditions, never by its own past.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simulation.chain import link
from simulation.compiled import Bools, Floats, Ints, with_room
from simulation.corridor.stages import BOAT, SEGMENTS, SUPPLY
from simulation.model.agents.decisions import (
    BUILT_IN,
    LearningInputs,
    PricingInputs,
    PricingRule,
    Rules,
    checked,
)
from simulation.model.agents.smuggler import (
    HEIR_TO_COME,
    NEVER_BACK,
    NO_HEIR,
    ORGANISERS,
    Role,
    Status,
    at_work,
    lies_low,
)
from simulation.model.processes.adaptation import (
    Outlook,
    best_load,
    close_week,
    cost_per_seat,
    count_local_competitors,
    hear_partners,
    manned_by_boats,
    move_capacity,
    plain_chance,
    relocate,
    risk_estimate,
    salient_chance,
    seat_fee,
    single_share,
    value_of_legs,
)
from simulation.model.processes.adverts import AdvertsOnline
from simulation.model.processes.channel import UsualRisk, launch_cost
from simulation.model.processes.freezing import limit_clients, pay_for_money
from simulation.model.processes.operators import (
    draw_ties,
    inherit,
    join_market,
    jurisdictions,
    served_legs,
    usual_cost,
    usual_fees,
    usual_use,
)
from simulation.model.processes.recovery import (
    Helpers,
    regain_today,
    size_of,
    strength_of_cells,
    take_over,
)
from simulation.model.processes.service import (
    AMOUNTS,
    INCOME,
    DayBooks,
    OperatorsToday,
    Service,
    close_books,
    update_offers,
)
from simulation.model.processes.tables import leg_fee_factors, segment_values, times_turned_away
from simulation.model.processes.world import WEEK, World
from simulation.randomness import Decision, draw, uniforms

_CAPACITY, _MISSING, _REPLACED = (
    link("capacity"), link("capacity_missing"), link("capacity_replaced"),
)  # fmt: skip
_HIRED, _CUT = link("capacity_hired"), link("capacity_cut")
_LYING_LOW = link("capacity_lying_low")
_FOUNDED, _LEFT = link("capacity_founded"), link("capacity_left")


class Market:
    """The operators and the legs they serve.

    Args:
        world: With its operators (`create_operators`).
        flows: (legs,) expected attempts a day, people.
        usual_risk: Usual chances that an attempt fails, to which risks are compared.
        rules: Rules of the user's own in place of the built-in ones.
    """

    def __init__(
        self,
        world: World,
        flows: Floats,
        usual_risk: UsualRisk,
        rules: Rules = BUILT_IN,
    ) -> None:
        self._rules = rules
        self.service = Service(flows.size)
        self.adverts = AdvertsOnline()
        self.usual_risk = usual_risk.operators
        #: (legs,) people found or brought back for each whose attempt fails
        self.met = usual_risk.people / np.maximum(usual_risk.operators, 1e-9)
        #: (legs,) expected attempts a day, people
        self.flows = flows
        #: shares of the flows expected on some legs, by the legs, as far as they were asked for
        self._shares: dict[bytes, Floats] = {}
        #: (legs,) fee of a single try against that with a guarantee at the usual risk
        premium = world.parameters.market.guarantee_premium
        self._usual_single = single_share(self.usual_risk, self.met, premium)
        #: (legs,) chance of a loss that operators believe of the usual risk
        self._usually_believed = salient_chance(
            self.usual_risk, world.parameters.market.loss_salience
        )
        self.helpers = Helpers()
        self.helpers.survey(world, np.ones(world.smugglers.count, dtype=bool))
        #: who was open for business today, and what they took
        self._make_room(world.smugglers.count)
        self._today.working[:] = True
        #: (pairs,) fees in EUR, and weights of a unit of capacity, until one or the other changes
        self._prices: tuple[Floats, Floats] | None = None
        #: (3, legs) work space for what is offered on a leg
        self._sums = np.empty((3, flows.size))
        #: share of the memory of demand left after a day
        self._keep = float(np.exp(-1.0 / world.parameters.market.demand_memory_days))
        self._admitted = 0
        self._fee_factor = leg_fee_factors(world.ground, world.parameters)
        self._usual_fee = segment_values(world.parameters, "fee")
        #: (segments,) profit rate above which newcomers set up
        self._barrier = np.full(len(SEGMENTS), world.parameters.market.entry_margin)
        self._barrier[BOAT] = world.parameters.market.entry_margin_boat
        #: (segments, places) EUR an operator usually sees of each fee
        self._usual_taken = usual_fees(world, flows) * world.share_paid
        stalls = len(SEGMENTS), len(world.corridor.places)
        #: (segments, places) work space for operators and sums of their profit rates
        self._local_markets = np.empty(stalls, dtype=np.int64), np.empty(stalls)
        #: (legs,) number of the segment and place that each leaves from
        self._stall_of_leg = _local_markets(world.ground.segment, world.ground.origin, stalls[1])
        self._week_unmet = np.zeros(flows.size)
        self._week_asked = np.zeros(flows.size)
        self._admit(world)
        self._arrange(world)

    # -- every morning -------------------------------------------------------------------------

    def open(self, world: World) -> None:
        """Let operators come back, successors take over, and set room and weights for today."""
        due = regain_today(world, self.helpers)
        if due:
            for row in due:
                self.succeed(world, row)
            self._admit(world)
            self._arrange(world)
        self.set_room(world)
        self.adverts.step(world)
        limit_clients(world)

    def succeed(self, world: World, row: int) -> None:
        """A successor takes over from somebody who is held."""
        world.smugglers.retire(row)
        heir = inherit(world, row, world.ordinal)
        self.service.hand_over(row, heir)
        s = world.smugglers
        self.helpers.drawn[s.stage[heir]] += size_of(s)[heir]
        world.count(_REPLACED, float(s.capacity[heir]))

    def _admit(self, world: World) -> None:
        """Give new operators their legs, ties, jurisdictions and agents."""
        s = world.smugglers
        rows = np.arange(self._admitted, s.count)
        if not rows.size:
            return
        serves = np.zeros(s.count, dtype=bool)
        serves[self.service.pairs.smuggler] = True
        heirs = serves[rows]  # they serve what the arrested did
        if not heirs.all():
            self._serve(world, rows[~heirs])
        able = jurisdictions(world, rows)
        world.jurisdiction = np.concatenate([world.jurisdiction, able], axis=1)
        world.ties = np.concatenate([world.ties, draw_ties(world, rows)])
        self._admitted = s.count

    def _arrange(self, world: World) -> None:
        """Sort pairs after births and departures."""
        s = world.smugglers
        # what somebody who is held served is for the one to come, or for a successor
        world.pairs = self.service.arrange(s.status != Status.RETIRED, s.uid)
        self._prices = None

    def _make_room(self, operators: int) -> None:
        """Have work space for so many operators."""
        self._today = with_room(OperatorsToday, operators)
        self._books = with_room(DayBooks, operators, amounts=(len(AMOUNTS), operators))

    def set_room(self, world: World) -> None:
        """Room, fee, weight and skill of every pair today; fee and offer of every leg."""
        s, pairs = world.smugglers, world.pairs
        if self._today.working.size < s.count:
            self._make_room(2 * s.count)
        if self._prices is None:
            asked = s.fee[pairs.smuggler] * self._fee_factor[pairs.leg]
            liked = world.parameters.market.reputation_weight * s.reputation[pairs.smuggler]
            utility = -asked / world.parameters.migrants.choice_scale + liked
            self._prices = asked, np.exp(utility)
        update_offers(
            world.now, s.rows, self._today, *pairs.tables, *self._prices, world.legs,
            world.queue_length, self._sums,
        )  # fmt: skip

    # -- every evening -------------------------------------------------------------------------

    def account(self, world: World) -> None:
        """Book the day's revenue, costs and losses."""
        ledger, books, s = world.ledger, self._books, world.smugglers
        capacity, dark = close_books(
            world.now, s.rows, *world.pairs.tables, self._fee_factor, world.revenue,
            self._usual_taken, books, self._today.working, world.counts.asked,
            world.counts.unmet, self._keep, self._week_asked, self._week_unmet,
        )  # fmt: skip
        income, gain, missing = books.amounts[:, : s.count].sum(axis=1).tolist()
        ledger.revenue[world.day] = income
        ledger.profit[world.day] += gain
        pay_for_money(world, books.amounts[INCOME, : s.count])
        world.count(_CAPACITY, capacity)
        world.count(_MISSING, missing)
        if dark:
            world.count(_LYING_LOW, float(books.dark[:dark].sum()))

    def retire(self, world: World, row: int) -> None:
        """Let an operator leave the trade between two days, without a successor."""
        s = world.smugglers
        if s.status[row] == Status.RETIRED:
            return
        capacity = float(s.capacity[row])
        world.count(_LEFT, capacity)
        if world.links[_CAPACITY].any():  # the stock of the evening is counted
            world.count(_CAPACITY, -capacity)
            world.count(_LYING_LOW, -capacity * float(lies_low(s, world.day)[row]))
        world.smugglers.retire(row)
        s.heir[row] = NO_HEIR
        self._arrange(world)

    def replace_arrested(self, world: World) -> None:
        """Partners of those arrested look for a successor; without, some cells are gone for good.

        How long they look is drawn in days on which all helpers are to be had that are looked for.
        """
        if not world.arrests:
            return
        s, market = world.smugglers, world.parameters.market
        days = segment_values(world.parameters, "replacement_days")
        for row in world.arrests:
            if not world.policy.adaptation.recruitment:
                if s.back[row] == NEVER_BACK:
                    world.smugglers.retire(row)
                continue
            organises = s.role[row] in ORGANISERS
            usual = market.replacement_days_organiser if organises else days[s.stage[row]]
            u = draw(world.seed, Decision.REPLACEMENT, s.uid[row], world.ordinal)
            s.search[row], s.heir[row] = 1.0 - np.log(u) * usual, HEIR_TO_COME

    # -- every week ----------------------------------------------------------------------------

    def adapt(self, world: World) -> None:
        """Learn risks, move capacity and fees, set loads, enter and leave.

        Whoever is held or lies low learns nothing from seeing no clients: it comes back, or hands
        on to a successor, as it was.
        """
        adaptation = world.policy.adaptation
        working = at_work(world.smugglers, world.day)
        risk = self.learn(world)
        if adaptation.route:
            value = value_of_legs(world, self.service.pairs, self._fee_factor, risk)
            move_capacity(world, self.service.pairs, np.exp(value), working)
        look = self.form_outlook(world, risk)
        asked_of = self.set_use(world, look, working)
        if adaptation.recruitment:
            self.hire(world, asked_of, working)
        if adaptation.price:
            self.set_fees(world, risk, look, working)
        if adaptation.load:
            self._set_loads(world, look, working)
        self._prices = None
        close_week(world, working, self._usual_taken)
        moved = self._relocate(world) if adaptation.route else False
        left = self._leave(world)
        entered = self.enter(world) if adaptation.recruitment else False
        if left or entered or moved:
            self._admit(world)
            self._arrange(world)
        self._week_unmet[:] = 0
        self._week_asked[:] = 0

    def learn(self, world: World) -> Floats:
        """Believed chance of a stop of each pair, from own and partners' trips, (pairs,)."""
        pairs, market = self.service.pairs, world.parameters.market
        if self._rules.learning is not None:
            memory = LearningInputs(
                day=world.day,
                operator=pairs.smuggler.copy(),
                leg=pairs.leg.copy(),
                trips=pairs.trials / world.scale,
                stops=pairs.losses / world.scale,
                usual_risk=self.usual_risk.copy(),
                ties=world.ties.copy(),
            )
            believed = checked("learning", self._rules.learning(memory), pairs.leg.shape, most=1.0)
            risk = np.minimum(believed, world.parameters.beliefs.ceiling)
        else:
            by_operator = np.argsort(pairs.smuggler, kind="stable")
            operators = np.arange(world.smugglers.count + 1)
            start = np.searchsorted(pairs.smuggler[by_operator], operators)
            trials, losses = pairs.trials.copy(), pairs.losses.copy()
            hear_partners(
                world.ties, start, by_operator, pairs, market.partner_weight, trials, losses
            )
            risk = risk_estimate(
                losses / world.scale, trials / world.scale, self.usual_risk[pairs.leg],
                market.risk_prior_trials, market.loss_salience,
            )  # fmt: skip
        for remembered in (pairs.trials, pairs.losses):
            remembered *= 2.0 ** (-WEEK / market.risk_half_life_days)
        return risk

    def form_outlook(self, world: World, risk: Floats) -> Outlook:
        """What operators expect of their legs at a believed chance of a stop of each pair."""
        pairs, market = self.service.pairs, world.parameters.market
        leg, share = pairs.leg, pairs.share
        turned_away = times_turned_away(
            self._week_asked / world.scale, self._week_unmet / world.scale
        )
        times = 1.0 + np.minimum(turned_away[leg], market.unmet_cap)
        means_of = {
            "times": times,
            "failure": plain_chance(risk, market.loss_salience),
            "usual_failure": self.usual_risk[leg],
            "extra": risk - self._usually_believed[leg],
        }

        def total(values: Floats) -> Floats:
            return np.bincount(pairs.smuggler, values, world.smugglers.count)

        capacity = np.maximum(total(share), 1e-9)
        means = {name: total(share * values) / capacity for name, values in means_of.items()}
        return Outlook(demand=total(pairs.clients * times), **means)

    def set_use(self, world: World, look: Outlook, working: Bools) -> Floats:
        """Smooth the share of capacity that was asked for; returns this week's, (operators,).

        Demand that was not met is included. Of launchers it is the queue against the seats that
        they promise ahead and can keep: those of the crews for whom there are boats, fewer without
        an organiser, times the share of launches that get through against the usual one.
        """
        s, market = world.smugglers, world.parameters.market
        queue = np.zeros(s.count)
        queue[: world.queue_length.size] = world.queue_length  # operators new today have none
        launches = s.stage == BOAT
        demand = np.where(launches, queue * look.times / world.scale, look.demand)
        led = np.where(working, strength_of_cells(s, working, market.orphan_loss), 1.0)
        crews = np.minimum(led * s.teams, self._manned(world))
        through = (1.0 - look.failure) / np.maximum(1.0 - look.usual_failure, 1e-9)
        seats = world.parameters.channel.queue_depth * s.load * crews * through
        this_week = demand / np.maximum(np.where(launches, seats, s.capacity), 1e-9)
        step = market.use_speed * (np.minimum(this_week, market.use_cap) - s.use)
        s.use[working] += step[working]
        return this_week

    @staticmethod
    def _manned(world: World) -> Floats:
        """Crews that boats on hand and on their way keep at work, (operators,) launches a day."""
        s = world.smugglers
        return manned_by_boats(s.boats + s.ordered, world.parameters.supply.boats_per_crew)

    def hire(self, world: World, asked_of: Floats, working: Bools) -> None:
        """Operators take on helpers where clients outnumber them, and let them go where not.

        Few organise and many help, and helpers are found within days (Campana 2018). For clients
        of those who are out operators take on helpers only as far as arrests have removed capacity
        that nothing has made good, and it is made good by that (`take_over`): whoever is held
        briefly comes back to its clients. Clients of those who lie low are clients like others, for
        nobody knows how long their operator stays away.

        Nobody hires a crew for a boat that is neither there nor on its way. An operator keeps a
        share of the typical size at least.
        """
        s, floor = world.smugglers, world.parameters.market.hiring_floor
        share = self.helpers.survey(world, working | lies_low(s, world.day))
        step = self.growth(world, np.stack([asked_of * share[s.stage], asked_of]))
        rows = np.flatnonzero(working & (s.stage != SUPPLY))
        segment, capacity = s.stage[rows], s.capacity[rows]
        least = np.minimum(floor * world.typical_capacity[segment, s.place[rows]], capacity)
        usual, with_others = np.maximum(capacity * step[:, rows], least) / np.maximum(
            capacity, 1e-9
        )
        more, hired = with_others - usual, self.helpers.available(world)[segment]
        extra = np.bincount(segment, size_of(s)[rows] * more * hired, len(SEGMENTS))
        taken = take_over(world, extra)
        part = np.divide(taken, extra, out=np.zeros(extra.size), where=extra > 0.0)[segment]
        growth = np.where(usual > 1.0, 1.0 + (usual - 1.0) * hired, usual) + part * hired * more
        change = capacity * (growth - 1.0)
        s.capacity[rows] *= growth
        s.teams[rows] *= growth
        self.helpers.drawn += taken
        world.count(_HIRED, float(change[change > 0.0].sum()))
        world.count(_CUT, float(-change[change < 0.0].sum()))

    def growth(self, world: World, asked_of: Floats) -> Floats:
        """Factor by which operators want to grow this week, (cases, operators) as `asked_of`."""
        s, market = world.smugglers, world.parameters.market
        wanted = np.maximum(asked_of, 1e-9) / usual_use(world, s.stage)
        crews = (s.stage == BOAT) & (s.teams > 0.0)
        most = np.maximum(self._manned(world)[crews] / np.maximum(s.teams[crews], 1e-9), 1e-9)
        wanted[:, crews] = np.minimum(wanted[:, crews], most)
        np.log(wanted, out=wanted)
        wanted *= np.where(wanted > 0.0, market.hiring_speed, market.firing_speed)
        return np.exp(np.minimum(np.maximum(wanted, -market.firing_most), market.hiring_most))

    def set_fees(self, world: World, risk: Floats, look: Outlook, working: Bools) -> None:
        """Fee: the usual one, risk passed on, times excess demand; approached step by step."""
        s, pairs, market = world.smugglers, self.service.pairs, world.parameters.market
        self._prices = None
        usual = self._usual_fee[s.stage] * s.level
        demand = np.exp(market.price_response * (s.use - usual_use(world, s.stage)))
        dearer = 1.0 + market.risk_pass_through * look.extra
        on_land = np.maximum(usual * dearer * demand, s.cost * market.price_floor)
        target = np.where(s.stage == BOAT, self._seat_fees(world, look, usual), on_land)
        if self._rules.pricing is not None:
            target[working] = self._by_rule(world, self._rules.pricing, look, working)
        s.fee[working] += market.price_speed * (target - s.fee)[working]
        failure = plain_chance(risk, market.loss_salience)
        single = single_share(failure, self.met[pairs.leg], market.guarantee_premium)
        at_work = working[pairs.smuggler]
        pairs.single[at_work] += market.price_speed * (single - pairs.single)[at_work]

    def _seat_fees(self, world: World, look: Outlook, usual: Floats) -> Floats:
        """What launchers would ask for a seat by scarcity and by its cost, (operators,)."""
        s, market, channel = world.smugglers, world.parameters.market, world.parameters.channel
        size = world.policy.boat_size
        queue = np.maximum(s.use / usual_use(world, s.stage), market.queue_least)
        load = np.maximum(s.load, channel.load_least * size)
        cost, usual_cost = _costs_per_seat(world, look, load, channel.load_start * size)
        passed_on = market.cost_pass_through * (cost - usual_cost)
        return seat_fee(
            usual, queue**market.seat_scarcity, cost, passed_on, market.price_floor,
            market.seat_fee_most,
        )  # fmt: skip

    def _by_rule(self, world: World, rule: PricingRule, look: Outlook, working: Bools) -> Floats:
        """What operators at work would ask by a rule of the user's own, EUR."""
        s, rows = world.smugglers, np.flatnonzero(working)
        inputs = PricingInputs(
            day=world.day,
            operator=rows,
            fee=s.fee[rows],
            usual_fee=self._usual_fee[s.stage[rows]] * s.level[rows],
            cost=s.cost[rows],
            use=s.use[rows],
            usual_use=usual_use(world, s.stage[rows]),
            failure=look.failure[rows],
        )
        return checked("pricing", rule(inputs), rows.shape)

    def _set_loads(self, world: World, look: Outlook, working: Bools) -> None:
        """People per boat: the best load at what a launch costs, within bounds, step by step."""
        s, channel = world.smugglers, world.parameters.channel
        rows = working & (s.stage == BOAT)
        cost, usual_cost = _costs_per_seat(world, look, 1.0, 1.0)
        wanted = best_load(
            channel.load_start, np.where(rows, cost / usual_cost, 1.0), channel.load_convexity
        )
        target = world.policy.boat_size * np.clip(wanted, channel.load_least, channel.load_most)
        s.load[rows] += channel.load_speed * (target - s.load)[rows]

    def _relocate(self, world: World) -> bool:
        """Some operators move to a place of their stage that pays better."""
        s = world.smugglers
        active = at_work(s, world.day) & (s.capacity > 0) & (s.stage != SUPPLY)
        lookers, moved = np.empty((2, s.count), dtype=np.int64)
        turn = np.empty(s.count)
        count = relocate(world.now, s.rows, active, *self._local_markets, lookers, turn, moved)
        if count:
            rows = moved[:count]
            s.cost[rows] = usual_cost(world, s.stage[rows], s.place[rows])
            self.service.drop(rows, s.uid)
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

    def _usual_shares(self, legs: npt.NDArray[np.intp]) -> Floats:
        """Shares of the flows expected on the legs that leave a place, (n,); worked out once."""
        if not legs.size:
            return np.empty(0)
        key = legs.tobytes()
        if key not in self._shares:
            flow = np.maximum(self.flows[legs], 1e-6)
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
        stall = _local_markets(s.stage, s.place, len(world.corridor.places))
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

    def enter(self, world: World) -> bool:
        """Newcomers set up where operators earn well above their outside wage."""
        s, market = world.smugglers, world.parameters.market
        active = (s.status == Status.ACTIVE) & (s.capacity > 0) & (s.stage != SUPPLY)
        number, profit = self._local_markets
        count_local_competitors(s.rows, active, number, profit)
        excess = profit / np.maximum(number, 1) - self._barrier[:, None]
        pays = (number > 0) & (excess > 0.0)
        if pays[BOAT].any() and not self._boats_for_another_crew(world, active):
            pays[BOAT] = False
        segment, place = np.nonzero(pays)
        turned_away = np.bincount(self._stall_of_leg, self._week_unmet / world.scale, number.size)
        # how many operators those turned away would keep busy
        wanted = turned_away[_local_markets(segment, place, number.shape[1])] / (
            WEEK * np.maximum(world.typical_capacity[pays], 1e-9)
        )
        scope = np.maximum(number[pays], wanted)
        expected = np.minimum(market.entry_rate * excess[pays] * scope, market.entry_cap)
        keys = (segment << 16) | place
        u = uniforms(world.seed, Decision.MARKET_ENTRY, keys, world.ordinal)
        newcomers = (expected + u).astype(np.int64)
        for here in np.flatnonzero(newcomers).tolist():
            stage = int(segment[here])
            for rank in range(int(newcomers[here])):
                row = join_market(world, stage, int(place[here]), rank)
                world.count(_FOUNDED, float(s.capacity[row]))
                gained = np.zeros(len(SEGMENTS))
                gained[stage] = size_of(s)[row]
                take_over(world, gained)
        return bool(newcomers.any())

    def _boats_for_another_crew(self, world: World, active: Bools) -> bool:
        """Whether boats of the active operators, (operators,), keep all their crews at work."""
        s = world.smugglers
        launchers = active & (s.stage == BOAT)
        manned = self._manned(world)[launchers]
        return bool(manned.sum() >= s.teams[launchers].sum() + 1.0)


def _costs_per_seat(
    world: World, look: Outlook, load: Floats | float, usual_load: float
) -> tuple[Floats, Floats]:
    """EUR for each person brought across today, and at the usual cost and risk; (operators,)."""
    channel = world.parameters.channel
    retry, seizure = channel.launch_cost * channel.retry_cost_share, channel.seizure_chance
    return (
        cost_per_seat(load, look.failure, launch_cost(world), retry, seizure),
        cost_per_seat(usual_load, look.usual_failure, channel.launch_cost, retry, seizure),
    )


def _local_markets(
    segment: npt.NDArray[np.int8], place: npt.NDArray[np.int16], places: int
) -> Ints:
    """Numbers of pairs of a segment and one of so many places, (n,)."""
    return segment.astype(np.int64) * places + place
