"""The price of a boat on the chain, and what makers bring at it, compiled."""

from __future__ import annotations

import math
from datetime import date
from typing import NamedTuple

from simulation.compiled import inner
from simulation.parameters import Parameters


class SupplyRules(NamedTuple):
    """The numbers of the supply of boats, by the names of their records."""

    routine_seizure: float  # rate at which a station finds any consignment
    case_seizure: float  # the same, on top, of a supplier who is known for certain
    boats_per_supplier_week: float  # that makers bring, since the squeeze
    ease_before: float  # boats before it, against those since
    squeeze_days: float  # over which it comes into force
    rival_share: float  # of what suppliers who are out would have bought
    consignment_boats: float  # of the largest consignment
    stock_target: float  # boats that a launcher wants for each crew
    depot_boats: float  # up to which a depot is filled
    usual_cover: float  # boats on the chain for each that is wanted
    boat_price: float  # EUR, usually
    price_elasticity: float  # in how short the stock is
    price_least: float  # against the usual price
    price_most: float  # against the usual price
    maker_response: float  # elasticity of what makers bring in the price
    maker_days: float  # in which they follow the price
    order_response: float  # elasticity of what launchers keep in the price, its sign turned
    squeeze_begins: float  # a date as a number
    operators_supply: float  # suppliers there usually are


def rules_of(parameters: Parameters) -> SupplyRules:
    """The numbers of the supply of boats from the records."""
    supply = parameters.supply
    return SupplyRules(
        routine_seizure=float(supply.routine_seizure),
        case_seizure=float(supply.case_seizure),
        boats_per_supplier_week=float(supply.boats_per_supplier_week),
        ease_before=float(supply.ease_before),
        squeeze_days=float(supply.squeeze_days),
        rival_share=float(supply.rival_share),
        consignment_boats=float(supply.consignment_boats),
        stock_target=float(supply.stock_target),
        depot_boats=float(supply.depot_boats),
        usual_cover=float(supply.usual_cover),
        boat_price=float(supply.boat_price),
        price_elasticity=float(supply.price_elasticity),
        price_least=float(supply.price_least),
        price_most=float(supply.price_most),
        maker_response=float(supply.maker_response),
        maker_days=float(supply.maker_days),
        order_response=float(supply.order_response),
        squeeze_begins=squeeze_begins(supply.squeeze_start),
        operators_supply=float(parameters.market.operators_supply),
    )


@inner
def boat_price(
    stock: float, wanted: float, cover: float, usual: float, elasticity: float, least: float,
    most: float,
) -> float:  # fmt: skip
    """Price of a boat with its engine, from the stock against what launchers want to have.

    `usual x (usual cover / cover) ^ elasticity`, within bounds; cover is stock / wanted.

    Args:
        stock: Boats on the whole chain.
        wanted: Boats that launchers want on hand and on their way, at the usual price.
        cover: Boats on the chain for each that is wanted, usually.
        usual: EUR at that cover.
        elasticity: Of the price in how short the stock is.
        least: Lowest price, against the usual one.
        most: Highest price, against the usual one.

    Returns:
        EUR.
    """
    if wanted <= 0.0:
        return usual * least
    shortage = cover * wanted / stock if stock > 0.0 else math.inf
    return usual * min(max(shortage**elasticity, least), most)


def squeeze_begins(start: float) -> float:
    """Date on which the squeeze on the supply of boats begins, as a number with decimals.

    Args:
        start: A year and its decimals.
    """
    year = math.floor(start)
    first = date(year, 1, 1).toordinal()
    return first + (start - year) * (date(year + 1, 1, 1).toordinal() - first)


@inner
def squeeze_progress(ordinal: int, begins: float, days: float) -> float:
    """How far the squeeze on the supply of boats has come on a date, 0 to 1.

    Args:
        ordinal: The date as a number.
        begins: When it begins, likewise; see `squeeze_begins`.
        days: Over how many days it comes into force, evenly.
    """
    return min(max((ordinal - begins) / days, 0.0), 1.0)


@inner
def brought_at(ordinal: int, since: float, ease: float, begins: float, days: float) -> float:
    """Boats a week that makers bring to a supplier at the usual price, by the date.

    `since x ease ^ (1 - progress of the squeeze)`: the supply of boats was squeezed once.

    Args:
        ordinal: The date as a number.
        since: Boats a week since the squeeze.
        ease: Those before it, against those since.
        begins: See `squeeze_progress`.
        days: See there.
    """
    return since * ease ** (1.0 - squeeze_progress(ordinal, begins, days))


@inner
def rivals_factor(in_business: int, usual: float, share: float) -> float:
    """What makers bring to each supplier in business when others are out, against usual.

    Makers sell what the others would have bought to those who are left, as far as these can take it
    on: Campana (2018) finds independent traders whose share rivals take when one is removed.

    Args:
        in_business: Suppliers in business.
        usual: Suppliers there usually are.
        share: Of what those missing would have brought, what the others take on.
    """
    if in_business <= 0:
        return 1.0
    return 1.0 + share * max(usual - in_business, 0.0) / in_business


@inner
def wanted_of_makers(ordinal: int, in_business: int, dearer: float, rules: SupplyRules) -> float:
    """Boats a week that makers would bring to a supplier in the long run.

    Args:
        ordinal: Today's date as a number.
        in_business: Suppliers in business.
        dearer: Price of a boat, against the usual one.
        rules: The numbers.
    """
    level = brought_at(
        ordinal, rules.boats_per_supplier_week, rules.ease_before, rules.squeeze_begins,
        rules.squeeze_days,
    )  # fmt: skip
    rivals = rivals_factor(in_business, rules.operators_supply, rules.rival_share)
    return level * dearer**rules.maker_response * rivals


@inner
def set_price(
    ordinal: int, stock: float, crews: float, in_business: int, brought: float, rules: SupplyRules
) -> tuple[float, float]:
    """The price of a boat today, and what makers bring at it.

    Args:
        ordinal: Today's date as a number.
        stock: From `count_boats`; `crews` and `in_business` too.
        crews: See there.
        in_business: See there.
        brought: Boats a week that makers brought to a supplier yesterday.
        rules: The numbers.

    Returns:
        EUR, and boats a week that makers bring to a supplier today.
    """
    price = boat_price(
        stock, rules.stock_target * crews, rules.usual_cover, rules.boat_price,
        rules.price_elasticity, rules.price_least, rules.price_most,
    )  # fmt: skip
    wanted = wanted_of_makers(ordinal, in_business, price / rules.boat_price, rules)
    return price, brought + (wanted - brought) / rules.maker_days
