"""The surrogate itself: arrays, and the effects that they give, with NumPy alone.

An effect is the logarithm of a ratio: a figure with the policy over the same figure without it, in
one world. It is a kernel expansion over the pairs of runs of the design. The kernel is a product:

- of policies: linear in the doses up to the period, with an optional curved part. Both are zero for
  no policy, so no policy has no effect;
- of worlds: 1, plus slopes by future path, plus slopes by set of assumptions.

What the expansion leaves is spread as in held-out policies, in proportion to what is in force. A
part of it is chance, by the pairs that only a seed tells apart; the rest lies between worlds.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.errors import InputError
from simulation.experiments.engine.world_design import PARTS
from simulation.regular_files import read_start
from simulation.surrogate.features import group_sizes

Array = npt.NDArray[np.float64]
#: changes where the file of a surrogate means something else
FORMAT = 1
#: the surrogate of the package
PACKAGED = Path(__file__).with_name("outlook.npz")
#: bytes that a file may have
MOST_BYTES = 3_000_000
#: positions of paths at which an effect is read, as many in each third; quantiles of slopes by set
_IN_PART, _SLOPES = 3, 9
POSITIONS = (np.arange(_IN_PART * len(PARTS)) + 0.5) / (_IN_PART * len(PARTS))
#: ends of a range, and its middle
LOW, MIDDLE, HIGH = 0.05, 0.5, 0.95
#: variance of positions, which are spread evenly
_SPREAD = 1.0 / 12.0


class Kernel(NamedTuple):
    """How alike two pairs of runs are.

    Attributes:
        curved: Weight of the curved part of the kernel of policies.
        path: Weight of slopes by path.
        sets: Weight of slopes by set.
    """

    curved: float
    path: float
    sets: float

    def of_policies(self, one: Array, other: Array) -> Array:
        """How alike policies are, (n, m), by features (n, ...) and (m, ...)."""
        a, b = one.reshape(len(one), -1), other.reshape(len(other), -1)
        products = a @ b.T / a.shape[1]
        if not self.curved:
            return products
        mine, theirs = ((x**2).sum(axis=1) / x.shape[1] for x in (a, b))
        apart = mine[:, None] + theirs[None] - 2.0 * products
        near = np.exp(-0.5 * np.maximum(apart, 0.0)) + 1.0
        near -= np.exp(-0.5 * mine)[:, None] + np.exp(-0.5 * theirs)[None]
        return np.asarray(products + self.curved * near)

    def of_worlds(self, one: Worlds, other: Worlds) -> Array:
        """How alike worlds are, (n, m)."""
        a, b = one.position - 0.5, other.position - 0.5
        same = one.sets[:, None] == other.sets[None]
        return np.asarray(1.0 + self.path * a[:, None] * b[None] / _SPREAD + self.sets * same)


class Worlds(NamedTuple):
    """The world of each pair of runs.

    Attributes:
        position: Share of paths that bring fewer people, (pairs,).
        sets: Number of its set, (pairs,).
    """

    position: Array
    sets: npt.NDArray[np.intp]

    def at(self, rows: npt.NDArray[Any]) -> Worlds:
        """Those of some pairs."""
        return Worlds(self.position[rows], self.sets[rows])


def over_worlds(
    likeness: Array, weights: Array, worlds: Worlds, kernel: Kernel
) -> tuple[Array, Array]:
    """Effects of policies along the paths, and what sets add to them.

    Args:
        likeness: (n, pairs) of policies to those of the pairs.
        weights: (pairs, targets) of the expansion.
        worlds: Of the pairs.
        kernel: The kernel.

    Returns:
        (n, `POSITIONS`, targets) and quantiles over sets, (n, quantiles, targets).
    """
    slope = likeness @ (weights * (worlds.position - 0.5)[:, None]) * kernel.path / _SPREAD
    along = (likeness @ weights)[:, None] + slope[:, None] * (POSITIONS - 0.5)[None, :, None]
    each, pairs = by_set(likeness, weights, worlds, kernel)
    of_sets = np.repeat(each, pairs, axis=1)
    levels = (np.arange(_SLOPES) + 0.5) / _SLOPES
    added = np.moveaxis(np.quantile(of_sets, levels, axis=1), 0, 1)
    return along, added


def by_set(
    likeness: Array, weights: Array, worlds: Worlds, kernel: Kernel
) -> tuple[Array, npt.NDArray[np.intp]]:
    """What each set adds to effects, (n, sets, targets), and the pairs that have it, (sets,)."""
    order = np.argsort(worlds.sets, kind="stable")
    _, starts, pairs = np.unique(worlds.sets[order], return_index=True, return_counts=True)
    each = likeness[:, order, None] * weights[order][None] * kernel.sets
    return np.add.reduceat(each, starts, axis=1), pairs


@dataclass(frozen=True, eq=False)
class Spread:
    """How effects lie about the expansion.

    Attributes:
        by_size: (targets, 2 groups) variance for each unit of a group in force, and its square.
        by_part: (targets, parts) factor in each third of the paths.
        shape: (targets, quantiles) of what is left of a pair, over its standard deviation.
        chance: (targets,) share of the variance that is chance.
    """

    by_size: Array
    by_part: Array
    shape: Array
    chance: Array

    def only(self, columns: Sequence[int]) -> Spread:
        """That of some targets."""
        return Spread(**{one.name: getattr(self, one.name)[columns] for one in fields(Spread)})

    def variance(self, sizes: Array) -> Array:
        """Variance left of pairs, (n, parts, targets), from the sizes (n, groups) of policies."""
        both = np.concatenate([sizes, sizes**2], axis=1)
        return np.asarray((both @ self.by_size.T)[:, None] * self.by_part.T[None])


def values_of(along: Array, added: Array, spread: Spread, variance: Array) -> Array:
    """Effects in worlds that stand for all, (..., parts, worlds, targets).

    Args:
        along: (..., positions, targets) effects along the paths.
        added: (..., slopes, targets) what sets add.
        spread: How effects lie about these.
        variance: (..., parts, targets) variance of what is left.
    """
    sizes = np.sqrt(np.repeat(variance, _IN_PART, axis=-2))
    left = sizes[..., None, :] * spread.shape.T
    values = along[..., :, None, None, :] + added[..., None, :, None, :] + left[..., :, None, :, :]
    return values.reshape(*along.shape[:-2], len(PARTS), -1, along.shape[-1])


def quantiles(
    along: Array, added: Array, spread: Spread, variance: Array, levels: Sequence[float]
) -> tuple[Array, Array]:
    """Quantiles of effects over worlds, and the shares of worlds with a fall and with a rise.

    Args:
        along: (positions, targets) effects along the paths.
        added: (slopes, targets) what sets add.
        spread: How effects lie about these.
        variance: (parts, targets) variance of what is left; without chance, of worlds alone.
        levels: The quantiles.

    Returns:
        (parts + 1, levels, targets), all paths together first, and (parts + 1, 2, targets).
    """
    parts = values_of(along, added, spread, variance)
    each = [parts.reshape(-1, parts.shape[-1]), *parts]
    ends = np.stack([np.quantile(part, levels, axis=0) for part in each])
    ways = [np.stack([(part < 0.0).mean(axis=0), (part > 0.0).mean(axis=0)]) for part in each]
    return ends, np.stack(ways)


@dataclass(frozen=True, eq=False)
class Surrogate:
    """A trained surrogate.

    Attributes:
        about: What it rests on: hashes, the gate, the card, its command.
        targets: Outcome and period of each target.
        reach: (targets,) how many periods of doses each depends on.
        kernel: The kernel.
        scale: (periods, features) what features are divided by.
        features: (pairs, periods, features) of the pairs of its design, scaled.
        worlds: Their worlds.
        weights: (pairs, targets) of the expansion.
        spread: How effects lie about it.
    """

    about: Mapping[str, Any]
    targets: Sequence[tuple[str, str]]
    reach: npt.NDArray[np.intp]
    kernel: Kernel
    scale: Array
    features: Array
    worlds: Worlds
    weights: Array
    spread: Spread

    def ranges(self, features: Array) -> tuple[Array, Array]:
        """Effects of a policy over worlds, chance removed; see `quantiles`.

        Args:
            features: (periods, features), as `Doses.of` gives them.

        Returns:
            (parts + 1, (low, middle, high), targets) logarithms of ratios, and shares of worlds.
        """
        asked = (features / self.scale)[None]
        positions, targets = len(POSITIONS), len(self.targets)
        along, added = np.empty((positions, targets)), np.empty((_SLOPES, targets))
        variance = np.empty((len(PARTS), targets))
        for reach in np.unique(self.reach):
            here = np.flatnonzero(self.reach == reach)
            likeness = self.kernel.of_policies(asked[:, :reach], self.features[:, :reach])
            parts = over_worlds(likeness, self.weights[:, here], self.worlds, self.kernel)
            along[:, here], added[:, here] = parts[0][0], parts[1][0]
            variance[:, here] = self.spread.variance(group_sizes(asked[:, :reach]))[0][:, here]
        variance *= 1.0 - self.spread.chance
        return quantiles(along, added, self.spread, variance, (LOW, MIDDLE, HIGH))

    def log_ratios(
        self, features: Array, beside: Array, targets: Sequence[tuple[str, str]]
    ) -> Array:
        """Effects of policies in worlds that stand for all, chance removed, as `values_of`.

        Args:
            features: (n, periods, features), as `Doses.of` gives them.
            beside: (periods, features) of the policy that they are compared with.
            targets: Outcome and period of each effect.
        """
        each = []
        for target in targets:
            likeness, sizes, column = self._beside(features, beside, target)
            weights = self.weights[:, column]
            along, added = over_worlds(likeness, weights, self.worlds, self.kernel)
            spread = self.spread.only(column)
            variance = spread.variance(sizes) * (1.0 - spread.chance)
            each.append(values_of(along, added, spread, variance))
        return np.concatenate(each, axis=-1)

    def log_ratios_by_world(self, features: Array, beside: Array, target: tuple[str, str]) -> Array:
        """Effects of policies in the worlds of the design, (n, positions x sets), as one column.

        They are the same worlds for all policies; what the expansion leaves is not in them.
        """
        likeness, _, column = self._beside(features, beside, target)
        weights = self.weights[:, column]
        along, _ = over_worlds(likeness, weights, self.worlds, self.kernel)
        of_sets, _ = by_set(likeness, weights, self.worlds, self.kernel)
        return np.asarray((along + of_sets[..., 0][:, None]).reshape(len(features), -1))

    def _beside(
        self, features: Array, beside: Array, target: tuple[str, str]
    ) -> tuple[Array, Array, list[int]]:
        """How alike policies are to the pairs, less that of another one; sizes; the column."""
        column = list(self.targets).index(target)
        reach = int(self.reach[column])
        asked, usual = (one[:, :reach] / self.scale[:reach] for one in (features, beside[None]))
        alike = [self.kernel.of_policies(one, self.features[:, :reach]) for one in (asked, usual)]
        return alike[0] - alike[1], group_sizes(asked - usual), [column]

    # -- its file ---------------------------------------------------------------------------------

    def as_bytes(self) -> bytes:
        """The content of its file: arrays with fewer digits, and what it rests on as JSON."""
        arrays = {
            "reach": self.reach, "kernel": np.array(self.kernel),
            "scale": self.scale, "features": self.features.astype(np.float32),
            "position": self.worlds.position, "sets": self.worlds.sets.astype(np.int32),
            "weights": self.weights.astype(np.float32),
            **{one.name: getattr(self.spread, one.name) for one in fields(Spread)},
        }  # fmt: skip
        about = {"format": FORMAT, "targets": list(self.targets), **self.about}
        about["checksum"] = _checksum(about, arrays)
        file = io.BytesIO()
        np.savez_compressed(file, about=np.array(json.dumps(about)), **arrays)
        return file.getvalue()


def load_surrogate(path: Path) -> Surrogate:
    """Read the file of a surrogate.

    Raises:
        InputError: It cannot be read, is damaged, or is of another version.
    """
    again = "a file that crossings emulator build wrote"
    try:
        content = read_start(path, MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise InputError("too large", file=path, allowed=f"at most {MOST_BYTES:,} bytes")
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        about = json.loads(str(arrays.pop("about")))
        version, checksum = about.pop("format"), about.pop("checksum")
    except OSError as error:
        why = error.strerror or "not its format"
        raise InputError(f"cannot be read ({why})", file=path, allowed=again) from None
    except (zipfile.BadZipFile, ValueError, KeyError, EOFError, AttributeError, TypeError):
        raise InputError("is damaged, or no surrogate", file=path, allowed=again) from None
    if version != FORMAT:
        raise InputError("is of another version", file=path, key="format", value=version,
                         allowed=f"{FORMAT}; build it again: crossings emulator build")  # fmt: skip
    if checksum != _checksum({"format": version, **about}, arrays):
        raise InputError("was changed after it was made", file=path, allowed=again)
    targets = [(outcome, period) for outcome, period in about.pop("targets")]
    spread = Spread(**{one.name: arrays[one.name] for one in fields(Spread)})
    return Surrogate(
        about, targets, arrays["reach"], Kernel(*map(float, arrays["kernel"])), arrays["scale"],
        arrays["features"].astype(float), Worlds(arrays["position"], arrays["sets"]),
        arrays["weights"].astype(float), spread,
    )  # fmt: skip


def _checksum(about: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> str:
    digest = hashlib.sha256(json.dumps(about, sort_keys=True).encode())
    for name in sorted(arrays):
        digest.update(name.encode() + repr((arrays[name].shape, arrays[name].dtype)).encode())
        digest.update(np.ascontiguousarray(arrays[name]).tobytes())
    return digest.hexdigest()[:16]
