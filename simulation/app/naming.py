"""Names of authorities and places as a planner says them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from simulation.corridor import ROUTES, Leg, load_corridor, load_origins

GROUPS = {
    "UK": "UK",
    "EU": "EU",
    "WB6": "Western Balkans",
    "CALAIS": "Calais Group",
    "EPC": "all countries",
}


#: an entry of a list to choose from: how it is called (`text`), what is chosen with it (`value`)
Item = dict[str, str]


@cache
def _names() -> dict[str, str]:
    names = {authority.code: authority.name for authority in load_corridor().authorities}
    return {**names, **{code: GROUPS.get(code, code) for code in load_corridor().groups}}


def named(code: str) -> str:
    """The name of an authority or a group."""
    return _names().get(code, code)


def way(leg: Leg) -> str:
    """A leg by the places from which and to which it leads."""
    places, number = load_corridor().places, load_corridor().place_index
    return f"{places[number[leg.origin]].name} to {places[number[leg.target]].name}"


def name_items(kind: str) -> list[Item]:
    """Names of a kind to choose from.

    Args:
        kind: authority, place, leg, origin or route.
    """
    corridor = load_corridor()
    if kind == "authority":  # by name, with the code that sentences use
        codes = [*corridor.groups, *(one.code for one in corridor.authorities)]
        return [{"text": _with_code(code), "value": code} for code in codes]
    if kind == "place":
        return [
            {"text": f"{place.name} ({place.authority})", "value": place.id}
            for place in corridor.places
        ]
    if kind == "leg":
        return [{"text": f"{way(leg)}, by {leg.mode}", "value": leg.id} for leg in corridor.legs]
    return word_items(load_origins().origins if kind == "origin" else ROUTES)


def word_items(words: Iterable[str]) -> list[Item]:
    """Words of a scenario file to choose from, as a page writes them."""
    return [{"text": in_page(word), "value": word} for word in words]


def in_page(word: str) -> str:
    """A word of a scenario file as a page writes it: `boat_supply` is "boat supply"."""
    return word.replace("_", " ")


def _with_code(code: str) -> str:
    name = named(code)
    return name if name == code else f"{name[:1].upper()}{name[1:]} ({code})"
