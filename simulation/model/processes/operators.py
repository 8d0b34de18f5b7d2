"""Operators at the start of a run, those who enter later, and the legs each of them serves."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from simulation.compiled import Bools, Floats, kernel
from simulation.corridor.jurisdiction import arresting
from simulation.corridor.stages import BOAT, LORRY, SEGMENTS, SUPPLY
from simulation.model.agents.smuggler import NO_HEIR, ORGANISERS, Role, SmugglerColumns, Status
from simulation.model.processes.tables import in_business, leg_fee_factors, segment_values
from simulation.model.processes.world import World
from simulation.parameters import Parameters
from simulation.randomness import Decision, child_identifier, uniform, uniforms

_HELPERS = np.array([int(Role.GUIDE), int(Role.DRIVER), int(Role.SAFE_HOUSE_KEEPER)])
#: identifiers of the operators of a segment start at this many times its number plus one
_SEGMENT_ROOM = 1 << 20
#: more than ever enter a segment at one place on one day
_NEWCOMERS = 1024


def usual_use(world: World, segment: npt.NDArray[np.int8]) -> Floats:
    """Share of capacity asked for when fees are usual; for boats, of the seats promised ahead."""
    market = world.parameters.market
    return np.where(segment == BOAT, market.use_usual_boat, market.use_usual)


def stratified(draws: Floats, *groups: npt.NDArray[Any]) -> Floats:
    """Spread draws evenly over (0, 1) within each group, in the order of the draws.

    A draw becomes the middle of the part of (0, 1) that belongs to its rank, so that every group
    has the same values in every replication and only who has which is left to chance. Source:
    McKay, Beckman, Conover (1979), doi:10.1080/00401706.1979.10489755.

    Args:
        draws: (n,) keyed draws.
        groups: Keys, each (n,); those with all keys equal are a group.

    Returns:
        (n,) values in (0, 1).
    """
    order = np.lexsort((draws, *groups))
    starts = np.ones(draws.size, dtype=bool)
    if draws.size:
        starts[1:] = np.any([key[order][1:] != key[order][:-1] for key in groups], axis=0)
    first = np.flatnonzero(starts)
    size = np.diff(np.append(first, draws.size))
    out = np.empty(draws.size)
    out[order] = (np.arange(draws.size) - np.repeat(first, size) + 0.5) / np.repeat(size, size)
    return out


def _roles(
    world: World, segment: npt.NDArray[np.int8], uid: npt.NDArray[np.uint64], founders: bool
) -> np.ndarray:
    """Role of each operator: a few organisers, many helpers."""
    draw, market = uniforms(world.seed, Decision.SMUGGLER_ROLE, uid, 0), world.parameters.market
    if founders:
        draw = stratified(draw, segment)
    organisers = market.organiser_share
    which = np.minimum((draw - organisers) / (1 - organisers) * _HELPERS.size, _HELPERS.size - 1)
    role = _HELPERS[np.maximum(which, 0).astype(int)]
    role[segment == LORRY] = Role.DRIVER
    role[segment == BOAT] = Role.LAUNCHER
    role[draw < organisers] = Role.FINANCIER
    role[draw < organisers * market.broker_share] = Role.BROKER
    role[segment == SUPPLY] = Role.BOAT_SUPPLIER
    return role.astype(np.int8)


def create_operators(world: World, flows: Floats, usual_risk: Floats) -> None:
    """Create the operators of the first day, where the expected flows are.

    Args:
        world: Without operators.
        flows: (legs,) expected attempts a day, people.
        usual_risk: (legs,) usual chance that an attempt fails.
    """
    numbers = segment_values(world.parameters, "operators").astype(int)
    by_place = place_flows(world, flows)
    chains = world.corridor.supply_chains
    chain_places = np.array([world.corridor.place_index[chain.places[0]] for chain in chains])
    segments, places, uids = [], [], []
    for segment, number in enumerate(numbers):
        uid = np.uint64((segment + 1) * _SEGMENT_ROOM) + np.arange(number, dtype=np.uint64)
        if segment == SUPPLY:
            place = chain_places[draw_chains(world, uid)]
        else:
            weight = by_place[segment]
            if not weight.any():  # nobody comes this way; somebody knows it all the same
                weight = place_flows(world, np.ones(flows.size))[segment]
            offered = np.flatnonzero(weight > 0)
            certain = offered[np.argsort(-weight[offered], kind="stable")][:number]
            others = uid[certain.size :]
            draw = uniforms(world.seed, Decision.SMUGGLER_PLACE, others, 0)
            draw = stratified(draw, np.full(others.size, segment))
            shares = np.cumsum(weight) / weight.sum()
            place = np.concatenate([certain, np.searchsorted(shares, draw, side="right")])
        segments.append(np.full(number, segment, dtype=np.int8))
        places.append(place)
        uids.append(uid)
    world.share_paid = share_paid(world, flows, usual_risk)
    uid, stage = np.concatenate(uids), np.concatenate(segments)
    where = np.concatenate(places).astype(np.int16)
    add_operators(world, uid, stage, where, np.ones(sum(numbers)), by_place)
    _assign_organisers(world, np.arange(world.smugglers.count))


def draw_chains(world: World, uid: npt.NDArray[np.uint64]) -> npt.NDArray[np.intp]:
    """The chain by which each founding supplier of boats brings them, by the chains' shares."""
    shares = np.cumsum([chain.share for chain in world.corridor.supply_chains])
    draw = uniforms(world.seed, Decision.SUPPLY_CHAIN, uid, 0)
    return np.minimum(np.searchsorted(shares, draw, side="right"), shares.size - 1)


def place_flows(world: World, flows: Floats) -> Floats:
    """Expected attempts a day that need an operator, (segments, places)."""
    out = np.zeros((len(SEGMENTS), len(world.corridor.places)))
    ground = world.ground
    np.add.at(out, (ground.segment, ground.origin), np.where(world.legs.smuggled, flows, 0.0))
    return out


def usual_fees(world: World, flows: Floats) -> Floats:
    """EUR that an attempt from a place usually costs those who make it, (segments, places).

    The usual fee of the segment times the mean factor of the legs that leave there.

    Args:
        world: The world.
        flows: (legs,) expected attempts a day, people.
    """
    factor = leg_fee_factors(world.ground, world.parameters)
    every = place_flows(world, np.ones(flows.size))  # where nobody goes, legs count alike
    mean = np.divide(place_flows(world, factor), every, out=np.ones_like(every), where=every > 0)
    total = place_flows(world, flows)
    np.divide(place_flows(world, flows * factor), total, out=mean, where=total > 0)
    return segment_values(world.parameters, "fee")[:, None] * mean


def contract_mix(parameters: Parameters) -> float:
    """What all clients pay for each brought through, against a fee with a guarantee.

    Those who pay for single tries pay less by what operators ask for bearing the risk.
    """
    guarantee = parameters.migrants.escrow_share
    return float(guarantee + (1.0 - guarantee) / (1.0 + parameters.market.guarantee_premium))


def share_paid(world: World, flows: Floats, usual_risk: Floats) -> Floats:
    """Share of the fees of attempts that operators usually get to see, (segments, places).

    A fee held by a third party is paid only for an attempt that succeeds, and a single try costs
    what makes it earn as much, so where many are stopped an attempt earns less, and must cost less,
    than where few are.

    Args:
        world: With the fees of the legs.
        flows: (legs,) expected attempts a day, people.
        usual_risk: (legs,) usual chance that an attempt fails; of boats, that they do not land.
    """
    expected_share = (1.0 - usual_risk) * contract_mix(world.parameters)
    # a share of money: a dear leg weighs more than a cheap one
    fee = leg_fee_factors(world.ground, world.parameters)
    every = place_flows(world, fee)  # where nobody goes, legs count by their fees
    share = np.divide(
        place_flows(world, fee * expected_share), every, out=np.ones_like(every), where=every > 0
    )
    total, paid = place_flows(world, flows * fee), place_flows(world, flows * fee * expected_share)
    return np.divide(paid, total, out=share, where=total > 0)


def usual_cost(world: World, segment: npt.NDArray[np.int8], place: npt.NDArray[np.int16]) -> Floats:
    """EUR it costs to carry a person from places, before the factors of legs; all (n,)."""
    fee = segment_values(world.parameters, "fee")[segment]
    return fee * world.parameters.market.cost_share * world.share_paid[segment, place]


def add_operators(
    world: World,
    uid: npt.NDArray[np.uint64],
    segment: npt.NDArray[np.int8],
    place: npt.NDArray[np.int16],
    skill_factor: Floats,
    by_place: Floats | None = None,
) -> npt.NDArray[np.intp]:
    """Add operators to the market.

    Args:
        world: The world.
        uid: Identifiers.
        segment: Segment of each.
        place: Place each works from.
        skill_factor: Multiplies the chance of being stopped (1 = like the founders).
        by_place: (segments, places) expected attempts a day; sets the capacity of the founders, and
            spreads what they are like evenly within each segment and place: a market of few
            operators would else differ between replications before anything has happened. Later
            operators are as large as the mean of those at the same place.

    Returns:
        Their rows.
    """
    market, seed = world.parameters.market, world.seed
    founders = by_place is not None

    def spread(decision: Decision, occasion: int) -> Floats:
        draws = uniforms(seed, decision, uid, occasion)
        return ndtri(stratified(draws, segment, place) if founders else draws)

    size = np.exp(
        spread(Decision.SMUGGLER_CAPACITY, 0) * market.size_spread - market.size_spread**2 / 2
    )
    skill = np.exp(spread(Decision.SMUGGLER_SKILL, 0) * market.skill_spread)
    level = np.exp(spread(Decision.SMUGGLER_SKILL, 1) * market.fee_spread)
    base_fee = segment_values(world.parameters, "fee")[segment]
    role = _roles(world, segment, uid, founders)
    if by_place is not None:
        colleagues, sizes = np.zeros((2, *by_place.shape))
        np.add.at(colleagues, (segment, place), 1.0)
        np.add.at(sizes, (segment, place), size)
        size = size * (colleagues / np.maximum(sizes, 1e-9))[segment, place]  # mean 1 at each place
        place_capacity = by_place * market.capacity_headroom
        mean = place_capacity.sum(axis=1) / np.maximum(colleagues.sum(axis=1), 1.0)
        each = place_capacity / np.maximum(colleagues, 1.0)
        world.typical_capacity = np.where(colleagues > 0, each, mean[:, None])
    suppliers = segment == SUPPLY
    capacity = world.typical_capacity[segment, place] * size
    revenue = capacity * base_fee
    rows = world.smugglers.append(
        uid=uid,
        role=role,
        stage=segment,
        place=place,
        chain=np.where(suppliers, draw_chains(world, uid), -1) if suppliers.any() else -1,
        organiser=-1,
        heir=NO_HEIR,
        until=0,
        back=0,
        search=0.0,
        dark_until=-1,
        skill=skill * skill_factor,
        able=skill,
        capacity=capacity,
        level=level,
        fee=base_fee * level,
        cost=usual_cost(world, segment, place),
        reputation=market.reputation_start,
        cash=revenue * market.cash_days,
        load=world.parameters.channel.load_start * world.policy.boat_size,
        teams=np.where(role == Role.LAUNCHER, size * market.launch_teams, 0.0),
        boats=np.where(role == Role.LAUNCHER, market.boats_start, 0),
        ordered=0,
        use=usual_use(world, segment),
    )
    world.beliefs.make_room(world.smugglers.count)
    return rows


def _assign_organisers(world: World, rows: npt.NDArray[np.intp]) -> None:
    """Tie each helper to an organiser of its segment, the one nearest in a keyed order."""
    s = world.smugglers
    leads = (s.role == Role.BROKER) | (s.role == Role.FINANCIER)
    organisers = np.flatnonzero(leads & (s.status != Status.RETIRED))
    for row in rows:
        if s.role[row] in ORGANISERS or s.stage[row] == SUPPLY:
            continue
        same = organisers[s.stage[organisers] == s.stage[row]]
        if same.size:
            draw = uniforms(world.seed, Decision.ORGANISER, s.uid[row], s.uid[same])
            s.organiser[row] = same[np.argmin(draw)]


def inherit(world: World, parent: int, cause: int) -> int:
    """A successor takes an arrested operator's place: less skilled, and known to nobody.

    Of the cell it finds a share at work, and what is missing it makes good with time, as its skill.
    Boats on their way to the arrested are handed on where boats are carried (`Supply`).

    Returns:
        The successor's row.
    """
    s, market = world.smugglers, world.parameters.market
    start = market.successor_capacity
    people = s.capacity[parent] + s.missing[parent]
    teams = s.teams[parent] + s.missing_teams[parent]
    row = int(
        s.append(
            uid=child_identifier(int(s.uid[parent]), cause),
            role=s.role[parent],
            stage=s.stage[parent],
            place=s.place[parent],
            chain=s.chain[parent],
            organiser=s.organiser[parent],
            heir=NO_HEIR,
            back=s.back[parent],
            dark_until=-1,
            skill=s.able[parent] * market.successor_skill,
            able=s.able[parent],
            capacity=start * people,
            missing=(1.0 - start) * people,
            teams=start * teams,
            missing_teams=(1.0 - start) * teams,
            level=s.level[parent],
            fee=s.fee[parent],
            cost=s.cost[parent],
            reputation=market.reputation_start,
            cash=s.cash[parent] * market.successor_cash,
            load=s.load[parent],
            boats=s.boats[parent],
            use=s.use[parent],
        )[0]
    )
    s.boats[parent] = 0
    for name in ("capacity", "missing", "teams", "missing_teams", "cash"):
        getattr(s, name)[parent] = 0.0
    s.organiser[s.organiser == parent], s.heir[parent] = row, row
    world.beliefs.make_room(s.count)
    return row


def join_market(world: World, segment: int, place: int, rank: int) -> int:
    """A newcomer sets up where a segment pays.

    Args:
        world: The world.
        segment: The segment.
        place: Where in it.
        rank: Number of the newcomer among those who set up there today. One more elsewhere must
            not make it somebody else.

    Returns:
        The newcomer's row.
    """
    parent = (segment + 1) * _SEGMENT_ROOM + _SEGMENT_ROOM // 2 + place  # no founder's number
    cause = world.ordinal * _NEWCOMERS + rank
    uid = np.array([child_identifier(parent, cause)], dtype=np.uint64)
    stage, where = np.array([segment], dtype=np.int8), np.array([place], dtype=np.int16)
    skill = np.array([world.parameters.market.successor_skill])
    row = int(add_operators(world, uid, stage, where, skill)[0])
    world.smugglers.boats[row] = 0  # boats are ordered, nobody brings them along
    _assign_organisers(world, np.array([row]))
    return row


def draw_ties(world: World, rows: npt.NDArray[np.intp]) -> npt.NDArray[np.int32]:
    """Who knows whom: each operator's nearest few in a keyed order, mostly of its own stage.

    Ties are far likelier within a stage (Campana 2018); the other stages are counted at
    `market.tie_outside` of the weight, but for those who sell and those who launch boats.

    Returns:
        (ties, 2) rows, each tie once: two operators who pick each other are one tie.
    """
    s, market = world.smugglers, world.parameters.market
    nearest, least = np.empty(int(market.ties), dtype=np.int64), np.empty(int(market.ties))
    draws = np.empty(s.count)
    ties: set[tuple[int, int]] = set()
    for row in rows.tolist():
        _draw_partners(world.seed, row, s.uid, draws)
        wait = -np.log(draws)
        count = _nearest_few(world.now, row, wait, s.rows, nearest, least)
        partners = nearest[:count].tolist()
        if s.organiser[row] >= 0:
            partners.append(int(s.organiser[row]))
        ties.update((min(row, partner), max(row, partner)) for partner in partners)
    return np.array(sorted(ties), dtype=np.int32).reshape(-1, 2)


@kernel
def _draw_partners(seed: int, row: int, uid: np.ndarray, draws: np.ndarray) -> None:
    """Fill `draws` (operators,) with one for each pair of an operator and another."""
    for other in range(uid.size):
        low, high = min(uid[row], uid[other]), max(uid[row], uid[other])
        draws[other] = uniform(seed, Decision.TIE, low, high)


@kernel
def _nearest_few(
    packed: np.ndarray,
    row: int,
    wait: np.ndarray,
    s: SmugglerColumns,
    nearest: np.ndarray,
    least: np.ndarray,
) -> int:
    """The operators with the shortest waits, each the shorter the likelier a tie is.

    Fills in `nearest` with rows, the shortest wait first, of equals the lower row. Returns how many
    there are.
    """
    now = packed[0]
    count = 0
    for other in range(wait.size):
        if other == row or not in_business(s, other):
            continue
        weight = now.market.tie_outside
        if s.stage[row] + s.stage[other] == BOAT + SUPPLY and s.stage[row] in (BOAT, SUPPLY):
            weight = now.market.tie_trade
        elif s.stage[other] == s.stage[row]:
            weight = 1.0 if s.place[other] == s.place[row] else now.market.tie_elsewhere
        time = wait[other] / weight
        if count == nearest.size and time >= least[count - 1]:
            continue
        count = min(count + 1, nearest.size)
        at = count - 1
        while at > 0 and least[at - 1] > time:
            nearest[at], least[at] = nearest[at - 1], least[at - 1]
            at -= 1
        nearest[at], least[at] = other, time
    return count


def served_legs(world: World, row: int) -> npt.NDArray[np.intp]:
    """The legs an operator may use: those of its segment that leave its place."""
    s = world.smugglers
    if s.role[row] in ORGANISERS and s.stage[row] == BOAT:
        return np.empty(0, dtype=np.intp)  # runs launchers, launches nothing itself
    return legs_from(world, int(s.stage[row]), int(s.place[row]))


def legs_from(world: World, segment: int, place: int) -> npt.NDArray[np.intp]:
    """The legs of a segment that leave a place and need an operator; looked up once."""
    legs = world.legs_from.get((segment, place))
    if legs is None:
        ground = world.ground
        here = (ground.segment == segment) & (ground.origin == place)
        legs = np.flatnonzero(here & world.legs.smuggled)
        legs.setflags(write=False)
        world.legs_from[segment, place] = legs
    return legs


def jurisdictions(world: World, rows: npt.NDArray[np.intp]) -> Bools:
    """Who can arrest each operator: authorities on whose ground it works, (authorities, rows)."""
    s = world.smugglers
    out = np.empty((len(world.corridor.authorities), rows.size), dtype=bool)
    for column, row in enumerate(rows.tolist()):
        boats_money = bool(s.stage[row] == BOAT and s.role[row] in ORGANISERS)
        key = int(s.stage[row]), int(s.place[row]), int(s.chain[row]), boats_money
        if key not in world.can_arrest:
            world.can_arrest[key] = _who_can_arrest(world, *key)
        out[:, column] = world.can_arrest[key]
    return out


def _who_can_arrest(world: World, segment: int, place: int, chain: int, boats_money: bool) -> Bools:
    """Authorities on whose ground operators of a segment and place work, (authorities,).

    Suppliers bring boats by a chain; those who organise launches handle the money for boats.
    """
    corridor = world.corridor
    out = np.zeros(len(corridor.authorities), dtype=bool)
    for code in arresting(corridor, segment, corridor.places[place].id, chain, boats_money):
        out[corridor.authority_index[code]] = True
    return out
