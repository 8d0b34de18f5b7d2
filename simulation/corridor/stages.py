"""Stages of the way, those that operators work, and kinds of patrol: words of the tables."""

from __future__ import annotations

#: markets of the legs, as `legs.csv` names them
STAGES = ("aegean", "south", "centre", "exit", "alpine", "west", "channel")
#: what operators work: the stages of the legs, with lorries and boats to the UK apart, and the
#: supply of boats
SEGMENTS = (*STAGES[:-1], "lorry", "boat", "supply")
LORRY, BOAT, SUPPLY = SEGMENTS.index("lorry"), SEGMENTS.index("boat"), SEGMENTS.index("supply")
#: kinds of staff that stand on legs
PATROLS = ("border_patrol", "checkpoint", "coast_patrol")


def segment_of(stage: str, mode: str) -> int:
    """The number in `SEGMENTS` of those who work a leg, from its stage and its mode."""
    if stage != STAGES[-1]:
        return SEGMENTS.index(stage)
    return BOAT if mode == "boat" else LORRY
