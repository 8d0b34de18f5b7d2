"""Made-up effects of policies, and a surrogate of them, of which everything is known."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from simulation.experiments.engine.world_design import PARTS
from simulation.scenario import load_scenario
from simulation.surrogate.coordinates import BASE
from simulation.surrogate.design import design_hash, rows
from simulation.surrogate.estimate import OUTCOMES
from simulation.surrogate.features import FEATURES, GROUPS, NAMES
from simulation.surrogate.figures import TARGETS
from simulation.surrogate.predictor import Kernel, Spread, Surrogate, Worlds
from simulation.surrogate.training import Pairs

PERIODS = ("run", "2026", "2027", "2028")
#: how many axes have any effect, so that few pairs show them
ACTIVE = 12


def made_up(
    count: int = 320,
    seed: int = 1,
    *,
    path: float = 0.5,
    sets: float = 0.2,
    noise: float = 0.05,
    fat: bool = False,
) -> Pairs:
    """Pairs of the design with effects that follow the doses.

    Args:
        count: Pairs.
        seed: Of all draws.
        path: How much stronger effects are on the highest path than on the central one.
        sets: Standard deviation of the factor that a set has.
        noise: That of chance, over the size of the effect in the mean.
        fat: Whether chance has a long tail.
    """
    draws = np.random.default_rng(seed)
    design = rows(count, 1)
    policies = 1 + max(row.policy for row in design)
    doses = np.zeros((policies, len(PERIODS), FEATURES))
    for policy in range(policies):
        active = draws.choice(ACTIVE, size=draws.integers(1, 6), replace=False)
        ramp = np.sort(draws.uniform(size=len(PERIODS) - 1))
        doses[policy, 1:, active] = draws.uniform(0.1, 1.0, size=(len(active), 1)) * ramp
    of_policy = np.array([row.policy for row in design])
    places = np.array([row.seed for row in design])
    position = draws.uniform(size=count + 2)[places]
    labels = np.array([(row.set_of or row.seed) % 40 for row in design])
    factor = 1.0 + sets * draws.standard_normal(40)
    slopes = -draws.uniform(0.05, 0.3, size=(ACTIVE, len(TARGETS)))
    sums = np.cumsum(doses[:, 1:, :ACTIVE], axis=1) / (np.arange(3) + 1.0)[None, :, None]
    effect = np.concatenate([sums.mean(axis=1, keepdims=True), sums], axis=1) @ slopes
    effect = effect[of_policy] * (factor[labels] + 2.0 * path * (position - 0.5))[:, None, None]
    chance = (
        draws.standard_t(4, size=effect.shape) / np.sqrt(2.0)
        if fat
        else draws.standard_normal(effect.shape)
    )
    effect += noise * chance * np.sqrt(doses[of_policy].sum(axis=(1, 2)))[:, None, None]
    levers = (doses[of_policy, -1] > 0.0).sum(axis=1)
    repeats = [row.repeats for row in design]
    return Pairs(doses[of_policy], of_policy, levers, Worlds(position, labels), repeats, effect)


def known(*slopes: Mapping[str, float], **others: Mapping[str, float]) -> Surrogate:
    """A surrogate in which the effects of 2028 add up.

    Under one of several sets they are the mean of all sets and as much again of its own.

    Args:
        slopes: By set of assumptions: the logarithm of the ratio of arrivals by boat for a whole
            dose of an axis. Nothing else has an effect.
        others: The same of further outcomes, under all sets.
    """
    targets = [(outcome, period) for outcome in OUTCOMES for period in PERIODS]
    pairs = len(slopes) * len(NAMES)
    features = np.zeros((pairs, len(PERIODS), FEATURES))
    weights = np.zeros((pairs, len(targets)))
    for number, of in enumerate(slopes):
        for outcome, each in {"channel_arrivals": of, **others}.items():
            for axis, slope in each.items():
                pair = number * len(NAMES) + NAMES.index(axis)
                weights[pair, targets.index((outcome, "2028"))] = slope * features[0].size
        here = np.arange(len(NAMES))
        features[number * len(NAMES) + here, -1, here] = 1.0
    if len(slopes) > 1:
        weights /= len(slopes)
    zero = np.zeros((len(targets), 2 * len(GROUPS)))
    spread = Spread(
        zero, np.ones((len(targets), len(PARTS))), np.zeros((len(targets), 5)),
        np.zeros(len(targets)),
    )  # fmt: skip
    hashes = dict.fromkeys(("model", "fit", "data", "base"), "made up")
    about = {**hashes, "design": design_hash(load_scenario(BASE)), "pairs": pairs, "days": 915,
             "seed": 1, "gate": []}  # fmt: skip
    sets = np.repeat(np.arange(len(slopes)), len(NAMES))
    return Surrogate(
        about, targets, np.full(len(targets), len(PERIODS)),
        Kernel(0.0, 0.0, float(len(slopes) > 1)), np.ones((len(PERIODS), FEATURES)), features,
        Worlds(np.full(pairs, 0.5), sets), weights, spread,
    )  # fmt: skip


assert len(GROUPS) == 7
assert len(PARTS) == 3
