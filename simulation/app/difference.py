"""What a what-if changes on the maps, told from chance by pairs of worlds with other seeds.

Two worlds with one seed are the same until the policy first acts. What it touches then draws other
dice, and that spreads: after some months many ways differ by chance alone. Their two counts, held
against each other as Poisson counts (Przyborowski and Wilenski 1940, Biometrika 31), cannot show
that. With full sharing with the Western Balkans, the ways that lay beyond four standard deviations
after half a year, seven of a map, had the sign of the mean over 15 other seeds half of the time, as
a coin would.

So the difference is taken over as many pairs as a direction needs, each with a seed of its own. A
way or a place is drawn where the t interval of the mean leaves out zero; as many are, the clearest
first, as keep the share of chance among them low: the rule of `crossings compare` for its maps
(`simulation.statistics.paired.clear`). With it nothing was drawn there; of an operation at the
Hungarian border, 98 of 100 ways and places that eight pairs drew had the same sign in eight others.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from simulation.app.details import RECENT, FigureGroup
from simulation.app.live import UNUSED, Frame, LiveRun
from simulation.app.naming import way
from simulation.corridor import load_corridor
from simulation.report.drawing import WIDTHS
from simulation.scenario import Scenario
from simulation.statistics.paired import DIRECTION_PAIRS, Differences, clear, paired_differences

if TYPE_CHECKING:
    from simulation.model.processes.world import World

#: agents per person of the other worlds
_SCALE = 0.1
#: changes from which a way is drawn one step wider, in people a day
CHANGE_EDGES = (0.5, 2.0, 5.0, 20.0)
#: colours of a way on the maps, of five: fewer people, and more
_FEWER, _MORE = 0, 4
_CAPTIONS = ("Set out, a day", "Stopped, a day", "At the place")
#: mean counts of a day, (days, set out and stopped by leg and present by place)
Counts = npt.NDArray[np.float32]


@dataclass(frozen=True)
class WorldsChange:
    """What differs between the worlds of the what-if and those of the baseline.

    Attributes:
        pairs: Pairs of worlds that are complete.
        frame: For the maps, with `places` and `units` (people stopped) above or below 0; None
            before all pairs are complete.
        groups: The same as tables.
    """

    pairs: int
    frame: Frame | None = None
    groups: tuple[FigureGroup, ...] = ()


class OtherPairs:
    """Pairs of worlds beside the one that is shown, of which only counts are kept.

    Args:
        scenarios: The baseline and the what-if.
        seed: Seed of the pair that is shown.
    """

    def __init__(self, scenarios: Sequence[Scenario], seed: int) -> None:
        seeds = range(seed + 1, seed + DIRECTION_PAIRS)
        self._waiting = [(scenario, other) for other in seeds for scenario in scenarios]
        self._run: LiveRun | None = None
        self._counts: list[Counts] = []

    @property
    def pairs(self) -> int:
        """Pairs that are complete, with the one that is shown."""
        return 1 + len(self._counts) // 2

    def work(self, until: float) -> bool:
        """Simulate until a second of the clock; whether anything is left to simulate."""
        while self.pairs < DIRECTION_PAIRS and time.monotonic() < until:
            if self._run is None:
                scenario, seed = self._waiting.pop(0)
                self._run = LiveRun(scenario, seed, _SCALE)
            self._run.step()
            if self._run.finished:
                self._counts.append(_counts(self._run.world, slice(None)))
                self._run = None
        return self.pairs < DIRECTION_PAIRS

    def change(self, shown: Sequence[LiveRun], day: int) -> WorldsChange:
        """What differs over the four weeks up to a day.

        Args:
            shown: The baseline and the what-if that are shown.
            day: Counted from the first simulated day.
        """
        if self.pairs < DIRECTION_PAIRS:
            return WorldsChange(self.pairs)
        days = slice(max(0, day + 1 - RECENT), day + 1)
        worlds = [_counts(run.world, days) for run in shown] + [one[days] for one in self._counts]
        means = np.array([one.mean(axis=0) for one in worlds])
        return _drawn(paired_differences(means[::2], means[1::2]))


def _counts(world: World, days: slice) -> Counts:
    ledger = world.ledger
    parts = (ledger.departures[days], ledger.stops[days], ledger.present[days])
    return np.concatenate(parts, axis=1, dtype=np.float32) / np.float32(world.scale)


def _drawn(differences: Differences) -> WorldsChange:
    """The clear differences for the maps and as tables."""
    corridor = load_corridor()
    legs = [f"{way(leg)} ({leg.mode})" for leg in corridor.legs]
    ends = np.cumsum([len(legs), len(legs)])
    shown = np.where(
        clear(differences.mean, differences.low, differences.high, differences.groups),
        differences.mean,
        0.0,
    )
    set_out, stopped, present = np.split(shown, ends)
    wide = np.searchsorted(CHANGE_EDGES, np.abs(set_out), side="right")
    code = wide * len(WIDTHS) + np.where(set_out > 0.0, _MORE, _FEWER)
    zeros = [0] * len(corridor.places)
    frame = Frame(
        legs=np.where(set_out == 0.0, UNUSED, code).tolist(),
        flows=[],
        places=np.rint(present).astype(int).tolist(),
        boats=[],
        arrivals=0,
        units=np.rint(10.0 * stopped).astype(int).tolist(),
        active=zeros,
        out=zeros,
    )
    groups = []
    names = (legs, legs, [place.name for place in corridor.places])
    for caption, named, rows in zip(
        _CAPTIONS, names, np.split(np.arange(shown.size), ends), strict=True
    ):
        largest = rows[np.argsort(-np.abs(shown[rows]), kind="stable")]
        cells = [
            [
                named[row - rows[0]],
                f"{differences.base[row]:,.1f}",
                f"{differences.low[row]:+,.1f} to {differences.high[row]:+,.1f}",
            ]
            for row in largest
            if shown[row]
        ]
        groups.append(FigureGroup(caption=caption, rows=cells or [["nothing clear", "", ""]]))
    return WorldsChange(DIRECTION_PAIRS, frame, tuple(groups))
