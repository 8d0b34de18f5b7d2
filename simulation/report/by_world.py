"""The effects by future path: the lines of every study."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from simulation.outcomes import OUTCOMES
from simulation.report import blocks
from simulation.studies.world_effects import PathEffects
from simulation.wording import worlds

#: outcomes whose effect is stated by future path
_BY_PATH = ("channel_arrivals", "channel_boats", "channel_deaths")
#: longest table that stands open on a page, and effects of which a terminal has the lines
_OPEN_ROWS, MOST_LISTED = 30, 4


class Lines(NamedTuple):
    """An effect whose lines are shown.

    Attributes:
        label: What it is the effect of; empty where it is the only one.
        by_path: The effect by third of the paths.
    """

    label: str
    by_path: Sequence[PathEffects]


def lines(
    effects: Sequence[Lines], about: str = "", *, most: int | None = None
) -> list[blocks.Block]:
    """The effects by future path as a table.

    Args:
        effects: The effects.
        about: What the table is of, for its title.
        most: Most effects that are listed; all when None.
    """
    rest, effects = effects[len(effects) if most is None else most :], effects[:most]
    parts = _table(effects, about)
    few = blocks.paragraphs(*(worlds.too_few_by_path(one.by_path) for one in effects[:1]))
    more = f"{len(rest)} more are on the page and in path_differences.csv."
    return [*parts, *few, *blocks.paragraphs(more if rest and parts else "")]


def sections(parts: Sequence[blocks.Block]) -> list[blocks.Section]:
    """The section of a page that has these lines; none where there are none."""
    title = "By future path"
    return [blocks.Section("worlds", title, parts)] if parts else []


def _table(effects: Sequence[Lines], about: str) -> list[blocks.Block]:
    """The effect in each third of the future paths; none where there is none, or few pairs."""
    columns = [blocks.Column(OUTCOMES[name].label, words=True) for name in _BY_PATH]
    rows = []
    for one in effects:
        thirds = worlds.shown(one.by_path)
        if one.label and thirds:
            rows.append(blocks.Row(one.label, [""] * len(columns), role="group"))
        rows += [
            blocks.Row(
                worlds.IF[part.part],
                [_cell(name, part) for name in _BY_PATH],
                worlds.rests_on(part),
            )
            for part in thirds
        ]
    title = "By future path, from the fewest people who set out to the most"
    title = f"{title}: {about}" if about else title
    table = blocks.Table(["Future paths", *columns], rows, title=title)
    if len(rows) > _OPEN_ROWS:
        return [blocks.Folded(title, [table])]
    return [table] if rows else []


def _cell(name: str, part: PathEffects) -> blocks.Cell:
    first, *below = worlds.stated(name, part)
    return blocks.Cell(first, below, faint=not part.outcomes[name].is_clear)
