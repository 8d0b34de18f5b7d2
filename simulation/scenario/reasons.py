"""Why a lever has no effect: sentences about what authorities can act on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulation.corridor import Corridor
    from simulation.scenario.capability import Capability

_NAMES = 4  # names listed before "and others"


def cannot_act(codes: Sequence[str], reach: Capability) -> str:
    """Why some authorities can act on nothing that they learn, in sentences."""
    told = dict(zip(codes, reach.told[[reach.row(code) for code in codes]], strict=True))
    untold = [code for code in codes if not told[code] and not reach.has_ground(code)]
    no_ground = [code for code in codes if told[code] and not reach.has_ground(code)]
    no_case = [code for code in codes if reach.has_ground(code)]
    parts = []
    if untold:
        verb, whom = ("learns", "it") if len(untold) == 1 else ("learn", "them")
        parts.append(f"{join_words(untold)} {verb} nothing, and nobody tells {whom} anything.")
    if no_ground:
        verb, hands = ("has", "hands") if len(no_ground) == 1 else ("have", "hand")
        parts.append(
            f"{join_words(no_ground)} {verb} no ground on which to arrest anybody, and {hands} "
            "nothing on to anybody who has."
        )
    if no_case:
        verb = "has" if len(no_case) == 1 else "have"
        parts.append(f"{join_words(no_case)} {verb} no investigators to take up a case.")
    return " ".join(parts)


def can_use_staff(reach: Capability, corridor: Corridor, code: str, kind: str) -> bool:
    """Whether more or fewer staff of a kind can change anything for an authority."""
    return bool(reach.can_use_staff(kind)[corridor.authority_index[code]])


def codes_of(rows: Iterable[int], corridor: Corridor) -> list[str]:
    """Codes of authorities by their rows."""
    return [corridor.authorities[row].code for row in rows]


def join_words(words: Sequence[str]) -> str:
    """Words with commas and an "and"; the first few of many."""
    shown = list(words[:_NAMES]) + (["others"] if len(words) > _NAMES else [])
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)
