"""Names of authorities and places as a planner says them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from simulation.corridor import ROUTES, Corridor, load_corridor, load_origins

GROUPS = {
    "UK": "UK",
    "EU": "EU",
    "WB6": "Western Balkans",
    "CALAIS": "Calais Group",
    "EPC": "all countries",
}
Item = dict[str, Any]


@cache
def corridor() -> Corridor:
    """The corridor of the package; nothing in it can be changed."""
    return load_corridor()


@cache
def _names() -> dict[str, str]:
    names = {authority.code: authority.name for authority in corridor().authorities}
    return {**names, **{code: GROUPS.get(code, code) for code in corridor().groups}}


def named(code: str) -> str:
    """The name of an authority or a group."""
    return _names().get(code, code)


def is_known(code: object) -> bool:
    """Whether there is an authority or a group of this code."""
    return isinstance(code, str) and code in _names()


def between(first: str, second: str) -> str:
    """Two sides in words: "between Serbia and UK", "within EU"."""
    return f"within {named(first)}" if first == second else f"{named(first)} and {named(second)}"


def authority_items() -> list[Item]:
    """Groups and authorities to choose from: by name, with the code that sentences use."""
    codes = [*corridor().groups, *(authority.code for authority in corridor().authorities)]
    return [_item(code) for code in codes]


def place_items(authority: str) -> list[Item]:
    """Places on the ground of an authority; all places for one that has no ground of its own."""
    members = set(corridor().members(authority)) if is_known(authority) else set()
    here = [place for place in corridor().places if place.authority in members]
    return [
        {"text": f"{place.name} ({place.authority})", "value": place.id}
        for place in (here or corridor().places)
    ]


def leg_items(authority: str) -> list[Item]:
    """Ways from place to place that touch the ground of an authority; all for one without ground.

    Each is called by its places and how it is travelled.
    """
    members = set(corridor().members(authority)) if is_known(authority) else set()
    legs = corridor().legs
    here = [leg for leg in legs if {leg.authority_from, leg.authority_to} & members]
    names = {place.id: place.name for place in corridor().places}
    return [
        {"text": f"{names[leg.origin]} to {names[leg.target]}, by {leg.mode}", "value": leg.id}
        for leg in (here or legs)
    ]


def name_items(kind: str, authority: str = "") -> list[Item]:
    """Names of a kind to choose from.

    Args:
        kind: authority, place, leg, origin or route.
        authority: Whose places or legs; all if empty.
    """
    if kind == "authority":
        return authority_items()
    if kind == "place":
        return place_items(authority)
    if kind == "leg":
        return leg_items(authority)
    return word_items(load_origins().origins if kind == "origin" else ROUTES)


def word_items(words: Iterable[str]) -> list[Item]:
    """Words of a scenario file to choose from, as a page writes them."""
    return [{"text": in_page(word), "value": word} for word in words]


def in_page(word: str) -> str:
    """A word of a scenario file as a page writes it: `boat_supply` is "boat supply"."""
    return word.replace("_", " ")


def _item(code: str) -> Item:
    name = named(code)
    text = name if name == code else f"{name[:1].upper()}{name[1:]} ({code})"
    return {"text": text, "value": code}
