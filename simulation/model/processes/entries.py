"""People who set out upstream, by route and day, and the flows after the last month of the tables.

Entrants are people, never detections and never anything computed from Channel arrivals. All
possible entrants of a run are drawn once, keyed by route and date. A policy then keeps some of
them away, so that two scenarios share the same people.

The months after the tables are drawn one by one from keyed numbers. They depend on the seed alone:
not on when a run starts or ends, and not on what a scenario does. Both sides of a pair therefore
see the same future.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri, pdtrik

from simulation.compiled import Bools, Floats, Ints, inner, kernel
from simulation.corridor import BALKAN, ROUTES, Futures, Origins, RouteEntries
from simulation.corridor.futures import SERIES
from simulation.model.agents.migrant import FIXED, MigrantColumns, State, empty_columns
from simulation.model.processes.world import World
from simulation.parameters import Parameters
from simulation.parameters.sampling import drawn_year, recorded_years
from simulation.randomness import Decision, draw, uniform, uniforms
from simulation.scenario.levers.times import shock_factors, wave_people
from simulation.scenario.policy import reference_day
from simulation.scenario.schema import QUANTILES
from simulation.timeseries.model import paths, quantile_path
from simulation.timeseries.months import MONTHS_OF_YEAR, months_after, number_of

#: routes whose indicator is a yearly mean: people set out when it suits them
_WHEN_THEY_LIKE = ("air", "resident")
_ROUTE_BITS = np.uint64(48)  # of an identifier, where the route stands
_YEAR = 365  # days over which what is usual is averaged

#: what a scenario can ask of the months after the tables
Path = Literal["spread", "central", "low", "high"]


def entries_until(
    indicators: Mapping[str, RouteEntries], futures: Futures, path: Path, seed: int, until: int
) -> dict[str, RouteEntries]:
    """The months of every route, those after the tables too.

    Args:
        indicators: The tables, whose months stay as they are.
        futures: The models of the series.
        path: Which future.
        seed: Seed of the replication.
        until: Number of the last month wanted.

    Returns:
        Route to its months, which end with the one wanted or later.
    """
    if all(until <= number_of(table.months[-1]) for table in indicators.values()):
        return dict(indicators)

    def drawn(name: str, months: int) -> Floats:
        return _path(futures, name, months, path, seed)

    coming = futures.continued(until, drawn)
    return {route: _joined(table, coming[route]) for route, table in indicators.items()}


def _path(futures: Futures, name: str, months: int, path: Path, seed: int) -> Floats:
    """Months of a series after its last one, (months,)."""
    model = futures.models[name]
    if months == 0:
        return np.empty(0)
    if path != "spread":
        return quantile_path(model, months, QUANTILES[path])
    at = number_of(model.last_month) + 1 + np.arange(months)
    level = uniforms(seed, Decision.FUTURE_LEVEL, SERIES.index(name), at)
    if name in futures.follows:
        other, correlation = futures.follows[name].series, futures.follows[name].correlation
        error = ndtri(uniforms(seed, Decision.FUTURE_LEVEL, SERIES.index(other), at))
        level = ndtr(correlation * error + np.sqrt(1.0 - correlation**2) * ndtri(level))
    volatility = uniforms(seed, Decision.FUTURE_VOLATILITY, SERIES.index(name), at)
    return np.asarray(paths(model, months, np.stack([level, volatility], axis=1)[None])[0])


def _joined(table: RouteEntries, coming: Floats) -> RouteEntries:
    """Months of a route from its table, and those to come.

    The band of the months to come has the width, relative to the middle, of the last twelve months.
    """
    last = slice(-MONTHS_OF_YEAR, None)
    middle = np.maximum(table.people[last].sum(), 1.0)
    return RouteEntries(
        months=(*table.months, *months_after(table.months[-1], len(coming))),
        people=np.concatenate([table.people, coming]),
        low=np.concatenate([table.low, coming * (table.low[last].sum() / middle)]),
        high=np.concatenate([table.high, coming * (table.high[last].sum() / middle)]),
    )


def in_year(parameters: Parameters, name: str, year: int, path: Path, seed: int) -> float:
    """Value in a year of a quantity that has one record a year.

    After the last recorded year it is drawn from the range of the records
    (`simulation.parameters.sampling`). In the named futures it is the mean of the recorded years.
    Before the first recorded year it is the value of the first.

    Args:
        parameters: What is assumed.
        name: Name of the records without the year, as `recorded_years` takes it.
        year: The year.
        path: Which future.
        seed: Seed of the replication.
    """
    recorded = recorded_years(parameters, name)
    if year <= max(recorded):
        return recorded[max((y for y in recorded if y <= year), default=min(recorded))]
    if path != "spread":
        return float(np.mean(list(recorded.values())))
    place = draw(seed, Decision.FUTURE_YEAR, _YEARLY.index(name), year)
    records = [parameters.record(f"{name}_{recorded_year}") for recorded_year in recorded]
    return drawn_year(recorded.values(), place, records)


#: quantities with a record a year; the place of one here is a key of its random numbers
POSITION, LEVEL = "entries.balkan_position", "entries.elsewhere_level"
_YEARLY = (POSITION, LEVEL)


def last_recorded_year(parameters: Parameters) -> int:
    """The last year for which every quantity with a record a year has one."""
    return min(max(recorded_years(parameters, name)) for name in _YEARLY)


def mix_in(
    parameters: Parameters, origins: Origins, route: str, year: int, path: Path, seed: int
) -> Floats:
    """Shares of the groups of origin on a route in a year, (origins,).

    The table of the Balkan route rests on counts at its borders. The tables of the other routes are
    assumptions: these routes have no counts by destination. So each group has a random factor a
    year, the same on all of these routes.

    After the last year of the table the logarithms of the shares take a random step a year. Shares
    are scaled to sum to 1 (a logistic-normal distribution: Aitchison 1986, *The statistical
    analysis of compositional data*). A group that is not on the route does not come to it. In the
    named futures the shares are those of the table, and later those of its last year.

    Args:
        parameters: What is assumed.
        origins: The table.
        route: The route.
        year: The year.
        path: Which future.
        seed: Seed of the replication.
    """
    shares, last = origins.mix_in(route, year), origins.years[-1]
    if path != "spread":
        return shares
    groups, away = np.arange(len(shares)), np.zeros(len(shares))
    if route != BALKAN:
        of = min(year, last) * len(shares) + groups
        away += parameters.entries.origin_spread * ndtri(uniforms(seed, Decision.ORIGIN_MIX, 0, of))
    if year > last:
        steps = np.arange(last + 1, year + 1)[:, None] * len(shares) + groups
        walk = ndtri(uniforms(seed, Decision.FUTURE_MIX, ROUTES.index(route), steps)).sum(axis=0)
        away += parameters.entries.origin_step * walk
    if not away.any():
        return shares
    drawn = shares * np.exp(away)
    return np.asarray(drawn / drawn.sum())


class EntryTables(NamedTuple):
    """Tables of how many people set out, and who they are."""

    indicators: Mapping[str, RouteEntries]  # how many pass on each route
    futures: Futures  # what stands in for the months after these tables
    origins: Origins
    scale_by_route: Mapping[str, float]  # multipliers set by the scenario


def daily_rates(world: World, tables: EntryTables, days: int) -> dict[str, Floats]:
    """People a day expected to set out on each route in the first `days` days, (days,).

    On the Balkan route the table holds people within a band. On the others it holds an indicator
    of all who pass there, of whom a fitted share is bound for the UK. What the indicators leave
    open differs from year to year: each year has its own place in the band, and its own level of
    all other routes. After the last month of a table the scenario's future stands in for it
    (`entries_until`).
    """
    dates = [world.first + timedelta(days=k) for k in range(days)]
    path = world.levers.background.future.path
    return rates_on(dates, world.parameters, tables, path, _future_seed(world))


def rates_on(
    dates: Sequence[date],
    parameters: Parameters,
    tables: EntryTables,
    path: Path,
    seed: int,
    latest: int | None = None,
) -> dict[str, Floats]:
    """`daily_rates` of some dates, (dates,) each.

    Args:
        dates: The dates.
        parameters: What is assumed.
        tables: How many pass on each route.
        path: Which future.
        seed: What draws the future, where it is drawn.
        latest: A date after this year takes the table and the level of its month in this year.
    """
    days = np.array(dates, dtype="datetime64[D]")
    month, new_year = days.astype("datetime64[M]"), days.astype("datetime64[Y]")
    years = np.array([day.year for day in dates])
    if latest is not None:
        years = np.minimum(years, latest)
    entries = parameters.entries
    uk_share = {
        "central_med": entries.uk_share_central_med,
        "eastern_land": entries.uk_share_eastern_land,
        "iberia": entries.uk_share_iberia,
        "air": entries.uk_share_air,
        "resident": entries.uk_share_resident,
    }
    months = years * MONTHS_OF_YEAR + month.astype(int) % MONTHS_OF_YEAR
    next_month = (month + np.timedelta64(1, "M")).astype(days.dtype)
    month_days = (next_month - month.astype(days.dtype)).astype(int)
    day_of_year = (days - new_year).astype(int) + 1
    angle = 2.0 * np.pi * (day_of_year - entries.season_peak) / _YEAR
    season = 1.0 + entries.season_effect * np.cos(angle)
    position, level = (_by_year(parameters, name, years, path, seed) for name in (POSITION, LEVEL))
    by_route = entries_until(tables.indicators, tables.futures, path, seed, int(months.max()))
    rates = {}
    for route in ROUTES:
        table = by_route[route]
        first = number_of(table.months[0])
        # a month before the table takes the same calendar month of its first year
        index = np.where(months < first, (months - first) % MONTHS_OF_YEAR, months - first)
        central = table.people[index]
        if route == BALKAN:
            bound = np.where(position >= 0, table.high[index], table.low[index])
            people = central + np.abs(position) * (bound - central)
        else:
            people = central * level * uk_share[route]
        rate = people / month_days * tables.scale_by_route.get(route, 1.0)
        rates[route] = rate * season if route in _WHEN_THEY_LIKE else rate
    return rates


def _future_seed(world: World) -> int:
    """The seed that draws the future: that of the run unless the scenario names another."""
    named = world.levers.background.future.draw
    return world.seed if named is None else named


def _by_year(parameters: Parameters, name: str, years: Ints, path: Path, seed: int) -> Floats:
    """Values in some years of a quantity that has one record a year, (years,)."""
    values = {
        year: in_year(parameters, name, year, path, seed) for year in np.unique(years).tolist()
    }
    return np.array([values[year] for year in years.tolist()])


def usual_entries(world: World, tables: EntryTables) -> Floats:
    """People a day expected to set out, mean of the year from the reference day, waves left out.

    The same for every seed, scale, length of run and future, and on the shipped corridor for every
    start. In a run on another corridor that starts in or before the last recorded year, the months
    of that year stand for all later ones; one that starts later takes the central future.

    Returns:
        (destinations, places).
    """
    origins = tables.origins
    out = np.zeros((len(origins.destinations), len(world.corridor.places)))
    last = last_recorded_year(world.parameters)
    first = reference_day(world.corridor, world.first)
    dates = [first + timedelta(days=k) for k in range(_YEAR)]
    latest = last if first.year <= last else None
    seed = _future_seed(world)  # of no meaning on the central path
    rates = rates_on(dates, world.parameters, tables, "central", seed, latest)
    for route, rate in rates.items():
        mix = origins.mix_in(route, first.year) * float(rate.mean())
        out += np.tensordot(mix, shares_by_origin(world, origins, route), axes=1)
    return out


def shares_by_origin(world: World, origins: Origins, route: str) -> Floats:
    """Shares of destinations and places of entry among people of each origin on a route.

    Returns:
        (origins, destinations, places); those of an origin sum to 1.
    """
    uk = origins.destinations.index("uk")
    out = np.zeros((len(origins.origins), len(origins.destinations), len(world.corridor.places)))
    if route != BALKAN:
        out[:, uk, places_of_routes(world)[route]] = 1.0
        return out
    entered = [world.corridor.place_index[place] for place in origins.entry_places]
    for k, origin in enumerate(origins.origins):
        bound = _tilted(origins.destination_mix[origin], uk, world.parameters.entries.uk_tilt)
        out[k][:, entered] = np.outer(bound, origins.entry_mix[origin])
    return out


def _before_shocks(world: World, tables: EntryTables, rates: Mapping[str, Floats]) -> Floats:
    """People expected to set out, waves included and shocks not, (days, routes, origins)."""
    origins = tables.origins
    out = np.empty((world.days, len(rates), len(origins.origins)))
    years = _run_years(world)
    for number, (route, rate) in enumerate(rates.items()):
        for year in np.unique(years):
            days = years == year
            out[days, number] = np.outer(rate[days], _mix(world, origins, route, int(year)))
    routes = list(rates)
    for (route, origin), people in _wave_rates(world, tables.scale_by_route).items():
        out[:, routes.index(route), origins.origins.index(origin)] += people
    return out


def _shocks(world: World) -> Floats | None:
    """Factor of shocks on the flow, (days, routes, origins); None without any."""
    background, first = world.levers.background, world.first.toordinal()
    return shock_factors(background, world.routes, world.levers.origins, first, world.days)


def _mix(world: World, origins: Origins, route: str, year: int) -> Floats:
    """Shares of the groups of origin on a route in a year of this run, (origins,)."""
    path = world.levers.background.future.path
    return mix_in(world.parameters, origins, route, year, path, _future_seed(world))


def _run_years(world: World) -> Ints:
    """Calendar year of each day of the run, (days,)."""
    return np.array([(world.first + timedelta(days=k)).year for k in range(world.days)])


def _wave_rates(world: World, scale_by_route: Mapping[str, float]) -> dict[tuple[str, str], Floats]:
    """People a day expected of waves, by route and origin, each (days,)."""
    first = world.first.toordinal()
    waves = wave_people(world.levers.background, world.parameters, first, world.days)
    return {key: people * scale_by_route.get(key[0], 1.0) for key, people in waves.items()}


def places_of_routes(world: World) -> dict[str, int]:
    """Place at which each route but the Balkan one is entered; `check_entries` allows only one."""
    corridor = world.corridor
    return {
        place.route: corridor.place_index[place.id]
        for place in corridor.places
        if place.kind == "entry"
    }


def _draw_entrants(
    world: World,
    tables: EntryTables,
    rates: Mapping[str, Floats],
    usual: Floats,
    factors: Floats | None,
) -> tuple[MigrantColumns, Ints]:
    """Draw everyone who could set out during the run, sorted by the day they do.

    Expected are `usual` numbers (`_before_shocks`) times the `factors` of shocks, if there are any.
    Returns the columns, nobody on the way yet, and the first row of each day, (days + 1,).
    """
    seed, parameters, origins = world.seed, world.parameters.entries, tables.origins
    ordinals = world.first.toordinal() + np.arange(world.days)
    weeks = ordinals // 7
    uids, days, routes = [], [], []
    for number, rate in _streams(world, tables, rates, usual, factors).items():
        noise = ndtri(uniforms(seed, Decision.ENTRY_NOISE, number, weeks)) * parameters.noise_sd
        mean = rate * world.scale * np.exp(noise - parameters.noise_sd**2 / 2)
        u = uniforms(seed, Decision.ENTRY_COUNT, number, ordinals)
        count = np.where(mean > 0, np.ceil(pdtrik(u, np.maximum(mean, 1e-12))), 0).astype(int)
        count = np.maximum(count, 0)
        day = np.repeat(np.arange(world.days), count)
        ordinal_in_day = np.arange(day.size) - np.repeat(np.cumsum(count) - count, count)
        uids.append(
            ((np.uint64(number) + np.uint64(1)) << _ROUTE_BITS)
            | (ordinals[day].astype(np.uint64) << np.uint64(24))
            | ordinal_in_day.astype(np.uint64)
        )
        days.append(day)
        routes.append(np.full(day.size, number))
    entry_day = np.concatenate(days)
    order = np.argsort(entry_day, kind="stable")
    stream = np.concatenate(routes)[order]

    m = empty_columns(entry_day.size)
    m.uid[:] = np.concatenate(uids)[order]
    m.entry_day[:] = entry_day[order]
    route, given = stream % len(rates), stream // len(rates) - 1
    # a wave and a shock each have a stream for every origin
    given = np.where(given < 0, given, given % len(origins.origins))
    _draw_origins(world, origins, list(rates), route, given, m)
    _draw_means(world, np.equal(route, list(rates).index(BALKAN)), m)
    if factors is not None:
        m = _thinned_by_shocks(world, factors, route, m)
    first_row = np.searchsorted(m.entry_day, np.arange(world.days + 1)).astype(np.int64)
    return m, first_row


def _thinned_by_shocks(
    world: World, factors: Floats, route: npt.NDArray[np.intp], m: MigrantColumns
) -> MigrantColumns:
    """Possible entrants without those whom a shock keeps away: of a flow that is halved, half."""
    chance = factors[m.entry_day, route, m.origin]
    enters = uniforms(world.seed, Decision.SHOCK, m.uid, 0) < chance
    return MigrantColumns._make(column[enters] for column in m)


def _streams(
    world: World,
    tables: EntryTables,
    rates: Mapping[str, Floats],
    usual: Floats,
    factors: Floats | None,
) -> dict[int, Floats]:
    """Streams of people by number, each (days,) expected a day.

    A usual stream has the number of its route. A wave has `route + routes x (1 + origin)`, and a
    shock `routes x origins` more. So identifiers of one stream do not depend on the others.
    """
    origins, streams = tables.origins, dict(enumerate(rates.values()))
    for (route, origin), people in _wave_rates(world, tables.scale_by_route).items():
        number = len(rates) * (1 + world.levers.origins.index(origin)) + list(rates).index(route)
        streams[number] = people
    if factors is not None:
        more = usual * np.maximum(factors - 1.0, 0.0)
        for row, column in np.argwhere(more.any(axis=0)).tolist():
            number = len(rates) * (1 + len(origins.origins) + column) + row
            streams[number] = more[:, row, column]
    return streams


def from_balkans(world: World) -> Bools:
    """Whether each person entered by the Balkan route, (people,)."""
    stream = (world.migrants.uid >> _ROUTE_BITS) - np.uint64(1)
    return np.equal(stream % len(world.routes), world.routes.index(BALKAN))


def share_people(world: World, people: MigrantColumns) -> None:
    """Hold once what never changes of the people of two runs, where it is equal.

    Args:
        world: The world of a run; its columns are replaced.
        people: The columns of another run. The two share arrays, so neither may change them.
    """
    own = world.migrants
    equal = {
        name: getattr(people, name)
        for name in FIXED
        if np.array_equal(getattr(people, name), getattr(own, name))
    }
    world.migrants = own._replace(**equal)


def _pick(shares: Floats, draw: Floats) -> npt.NDArray[np.intp]:
    """Index picked by each draw from shares that sum to 1."""
    return np.minimum(np.searchsorted(np.cumsum(shares), draw, side="right"), shares.size - 1)


def _draw_origins(
    world: World,
    origins: Origins,
    routes: list[str],
    route: npt.NDArray[np.intp],
    given: npt.NDArray[np.intp],
    m: MigrantColumns,
) -> None:
    """Origin (given for those of a wave or a shock), place of entry and destination of everyone."""
    seed = world.seed
    year = _run_years(world)[m.entry_day]
    origin_draw = uniforms(seed, Decision.ORIGIN, m.uid, 0)
    place_draw = uniforms(seed, Decision.ENTRY_PLACE, m.uid, 0)
    destination_draw = uniforms(seed, Decision.DESTINATION, m.uid, 0)
    place_of = places_of_routes(world)
    uk = origins.destinations.index("uk")
    for number, name in enumerate(routes):
        on_route = route == number
        for value in np.unique(year[on_route]):
            rows = np.flatnonzero(on_route & (year == value))
            picked = _pick(_mix(world, origins, name, int(value)), origin_draw[rows])
            m.origin[rows] = np.where(given[rows] < 0, picked, given[rows])
        rows = np.flatnonzero(on_route)
        if name != BALKAN:
            m.place[rows] = place_of[name]
            m.destination[rows] = uk
            continue
        entry_places = np.array([world.corridor.place_index[p] for p in origins.entry_places])
        for k, origin in enumerate(origins.origins):
            some = rows[m.origin[rows] == k]
            m.place[some] = entry_places[_pick(origins.entry_mix[origin], place_draw[some])]
            mix = _tilted(origins.destination_mix[origin], uk, world.parameters.entries.uk_tilt)
            m.destination[some] = _pick(mix, destination_draw[some])


def _tilted(shares: Floats, chosen: int, factor: float) -> Floats:
    """Shares with one of them multiplied by a factor and the rest scaled to sum to 1."""
    share = min(shares[chosen] * factor, 1.0)
    rest = shares * ((1.0 - share) / max(1.0 - shares[chosen], 1e-12))
    rest[chosen] = share
    return rest


def _draw_means(world: World, balkan: Bools, m: MigrantColumns) -> None:
    """Funds and risk aversion of everyone."""
    seed, parameters = world.seed, world.parameters.migrants
    median = np.where(balkan, parameters.funds_balkan, parameters.funds_elsewhere)
    spread = ndtri(uniforms(seed, Decision.FUNDS, m.uid, 0)) * parameters.funds_spread
    m.funds[:] = np.rint(median * np.exp(spread))
    nerve = ndtri(uniforms(seed, Decision.RISK_AVERSION, m.uid, 0)) * parameters.risk_spread
    m.risk_aversion[:] = np.exp(nerve)


@inner
def _bound_for_uk(
    origin: int, expected: np.ndarray, uk_shares: np.ndarray, entry_factor: np.ndarray
) -> float:
    """People of an origin expected today who are bound for the UK, as far as visas let them."""
    coming = 0.0
    for route in range(expected.shape[0]):
        here = 0.0
        for place in range(uk_shares.shape[2]):
            bound = expected[route, origin] * uk_shares[route, origin, place]
            here += bound * entry_factor[origin, place]
        coming += here
    return coming


@inner
def _share_irregular(
    expected: np.ndarray,
    uk_shares: np.ndarray,
    entry_factor: np.ndarray,
    legal: np.ndarray,
    returns_factor: np.ndarray,
    uk_factor: np.ndarray,
) -> None:
    """Share of those bound for the UK who set out in spite of legal ways and returns agreements.

    Places on a legal way go to those who would set out today in spite of visas and returns
    agreements, so that as many people take it as the scenario says, whatever the year's flow.
    """
    for origin in range(uk_factor.size):
        uk_factor[origin] = returns_factor[origin]
        if legal[origin] > 0.0:
            coming = _bound_for_uk(origin, expected, uk_shares, entry_factor)
            people = max(coming * returns_factor[origin], 1e-9)
            uk_factor[origin] *= max(1.0 - legal[origin] / people, 0.0)


@kernel
def _let_in(
    packed: np.ndarray,
    first: int,
    last: int,
    uid: np.ndarray,
    origin_of: np.ndarray,
    place_of: np.ndarray,
    destination: np.ndarray,
    state: np.ndarray,
    due: np.ndarray,
    leg: np.ndarray,
    stopped_leg: np.ndarray,
    escrow_leg: np.ndarray,
    joined: np.ndarray,
    smuggler: np.ndarray,
    recalled_smuggler: np.ndarray,
    end_day: np.ndarray,
    entry_factor: np.ndarray,
    uk: int,
    expected: np.ndarray,
    uk_shares: np.ndarray,
    legal: np.ndarray,
    returns_factor: np.ndarray,
    uk_factor: np.ndarray,
    balkan_places: np.ndarray,
    entered: np.ndarray,
) -> tuple[int, int]:
    """Let people set out, unless the policies in force keep them away; see `_share_irregular`.

    The possible entrants of today are the rows from `first` to before `last`. Filled in are the
    share of those bound for the UK who set out irregularly, (origins,), and the rows of those who
    set out. Returns how many do, and how many of them on the Balkan route.
    """
    now = packed[0]
    _share_irregular(expected, uk_shares, entry_factor, legal, returns_factor, uk_factor)
    count, balkan = 0, 0
    for row in range(first, last):
        origin, place = origin_of[row], place_of[row]
        chance = entry_factor[origin, place]
        if destination[row] == uk:
            chance *= uk_factor[origin]
        if uniform(now.seed, Decision.ENTRY_POLICY, uid[row], 0) < chance:
            state[row], due[row] = State.WAITING, now.day
            leg[row], stopped_leg[row], escrow_leg[row], joined[row] = -1, -1, -1, -1
            smuggler[row], recalled_smuggler[row], end_day[row] = -1, -1, -1
            entered[count] = row
            count += 1
            balkan += balkan_places[place]
    return count, balkan


class Entries:
    """Lets the day's entrants set out, unless a policy keeps them away.

    Args:
        world: The world; its `migrants` are replaced by all who may set out.
        tables: How many pass on each route, and who they are.
    """

    def __init__(self, world: World, tables: EntryTables) -> None:
        origins = tables.origins
        rates = daily_rates(world, tables, world.days)
        usual, factors = _before_shocks(world, tables, rates), _shocks(world)
        world.migrants, self.first_row = _draw_entrants(world, tables, rates, usual, factors)
        self._balkan_places = np.array([p.route == BALKAN for p in world.corridor.places])
        self._uk = origins.destinations.index("uk")
        self._uk_factor = np.empty(len(origins.origins))  # work space
        #: (days, routes, origins) people expected to set out
        self._expected = usual if factors is None else usual * factors
        #: (routes, origins, places) share bound for the UK by each place
        self._uk_shares = np.array(
            [shares_by_origin(world, origins, route)[:, self._uk] for route in rates]
        )
        #: (destinations, places) people a day
        self.usual = usual_entries(world, tables)

    def step(self, world: World) -> None:
        """Let today's people set out."""
        day, policy = world.day, world.policy
        first, last = int(self.first_row[day]), int(self.first_row[day + 1])
        entered, m = world.room_for_more(last - first), world.migrants
        count, balkan = _let_in(
            world.now, first, last, m.uid, m.origin, m.place, m.destination, m.state, m.due,
            m.leg, m.stopped_leg, m.escrow_leg, m.joined, m.smuggler, m.recalled_smuggler,
            m.end_day, policy.entry_factor, self._uk, self._expected[day], self._uk_shares,
            policy.legal_route_people, policy.returns_factor, self._uk_factor,
            self._balkan_places, entered,
        )  # fmt: skip
        world.add_first(count)
        world.ledger.entered[day] = balkan
