"""The waves of a fit: runs, an emulator of all of them, and members that move towards the data.

1. The first wave is a proposal (`priors.first_wave`).
2. Members of the second are drawn from the posterior of the emulator (`slice_sampling`).
3. In the third every member takes a Gauss-Newton step from what its own run gave (`smoother`).
4. In each later wave its years are brought to what was observed by a shorter step
   (`calibration`), with slopes from all runs and from how the members' years changed.

Every member runs once in each wave, with a new seed.

Only informed assumptions are moved, all others keep their draw from the prior to the last digit. An
assumption is informed where a linear emulator of all runs says more of it than of any control; the
list grows as runs are added.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simulation.fitting.calibration import calibrated, year_sums
from simulation.fitting.emulation import Emulator, emulate, update
from simulation.fitting.identifiability import judge
from simulation.fitting.plan import CONTROLS
from simulation.fitting.priors import Prior, first_scores, first_wave
from simulation.fitting.selection import WaveRuns, near
from simulation.fitting.series import Array, Data, Flags
from simulation.fitting.slice_sampling import posterior_draws
from simulation.fitting.smoother import Anchors, anchored, step

#: a figure farther than so many declared discrepancies counts as this far: that it is out of the
#: question is all it tells, and how far out would bend the emulator (an assumption)
FARTHEST = 6.0
#: figures of (members, figures) that ended and which members these are, from wave and scores
Run = Callable[[int, Array], tuple[Array, Flags]]


@dataclass(frozen=True, eq=False)
class Waves:
    """What the waves of a fit gave.

    Attributes:
        runs: Of each wave.
        emulator: Of all runs before the last wave, in the assumptions that were moved.
        moved: Whether an assumption was moved; controls never are, (assumptions and controls,).
    """

    runs: list[WaveRuns]
    emulator: Emulator
    moved: Flags


def clipped(data: Data, runs: Array) -> Array:
    """Distances from what was observed, none farther than `FARTHEST`, (members, figures)."""
    return np.asarray(np.clip(data.distances(runs), -FARTHEST, FARTHEST))


def run_waves(run: Run, data: Data, prior: Prior, sizes: tuple[int, ...], seed: int) -> Waves:
    """Run all waves of a fit.

    Args:
        run: Runs the members of a wave.
        data: What was observed.
        prior: What is fitted.
        sizes: Members of each wave; of the second and later ones the same number.
        seed: Of everything that is drawn here.
    """
    size = len(prior.names)
    done = [_run(run, 0, first_wave(prior, CONTROLS, sizes[0], seed), np.arange(sizes[0]))]
    moved = np.zeros(size + CONTROLS, dtype=bool)
    moved, emulator = _emulate(data, done, moved, size)
    # what no figure informs is drawn once, here, and never moved
    scores = first_scores(size + CONTROLS, sizes[1], seed + 2)
    anchors, errors = scores.copy(), np.empty((0, data.size))
    scores[moved] = posterior_draws(emulator, sizes[1], _chance(seed, 1))
    done.append(_run(run, 1, scores, np.arange(sizes[1])))
    for number in range(2, len(sizes)):
        moved, emulator = _emulate(data, done, moved, size)
        members, figures = done[-1].members, clipped(data, done[-1].figures)
        scores = done[-1].scores.copy()
        at = scores[moved].T
        if number == 2:
            drawn = anchored(emulator, at, _chance(seed, number))
            anchors[np.ix_(moved, members)] = drawn.scores.T
            errors = np.zeros((sizes[1], data.size))
            errors[members] = drawn.errors
        of = Anchors(anchors[np.ix_(moved, members)].T, errors[members])
        if number > 2 and year_sums(data).size:
            scores[moved] = calibrated(data, done, moved, of)
        else:
            scores[moved] = step(emulator, at, figures, of).T
        done.append(_run(run, number, scores, members))
    return Waves(done, emulator, moved)


def _run(run: Run, number: int, scores: Array, members: npt.NDArray[np.int64]) -> WaveRuns:
    """Run the members of a wave, and leave out those that failed."""
    figures, ended = run(number, scores)
    return WaveRuns(scores[:, ended], members[ended], figures)


def _emulate(data: Data, done: list[WaveRuns], moved: Flags, size: int) -> tuple[Flags, Emulator]:
    """Which assumptions are informed by all runs, or were before, and the emulator in these."""
    scores = np.hstack([wave.scores for wave in done]).T
    runs = np.vstack([wave.figures for wave in done])
    figures, close = clipped(data, runs), near(data, runs)
    linear = update(emulate(scores, figures, close, curved=0))
    judged, informed = judge(linear, size), moved.copy()
    informed[:size] |= judged.informed
    if not informed.any():
        # the runs are too few to tell, and something must move
        informed[int(np.argmax(judged.narrowed))] = True
    return informed, emulate(scores[:, informed], figures, close)


def _chance(seed: int, wave: int) -> np.random.Generator:
    return np.random.default_rng([seed, wave])
