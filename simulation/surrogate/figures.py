"""The figures of a run that the surrogate is trained on, and the effects made of them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simulation.chain import LINKS
from simulation.experiments.effect_chain import LINK_SUMS
from simulation.outcomes import RunRecord, periods, summarise

Array = npt.NDArray[np.float64]
_OUTCOMES = ("channel_arrivals", "lorry_arrivals", "channel_boats", "channel_attempts",
             "seat_price_eur", "arrests_on_case", "boats_seized")  # fmt: skip
#: what is kept of a run, by period
FIGURES = (*_OUTCOMES, *LINK_SUMS)
UK_TOTAL, BOAT_SHARE, ARRIVALS = "uk_total", "boat_share", "channel_arrivals"
#: what effects are trained on; arrivals by boat are the product of the first two
TARGETS = (UK_TOTAL, BOAT_SHARE, *(one for one in FIGURES if not one.endswith("_arrivals")))
#: added to both sides of a ratio, as a share of the mean figure, so that nothing is divided by zero
_SMALL = 1e-3


def figures_of(record: RunRecord) -> Array:
    """The figures of a run, (periods, figures), NaN where there is no value.

    The periods are the whole run and its calendar years; links are sums over days, stocks means.
    """
    order = list(LINKS)
    weights = np.zeros((len(order), len(LINK_SUMS)))
    for column, one in enumerate(LINK_SUMS.values()):
        weights[[order.index(link) for link in one.links], column] = 1.0
        weights[[order.index(link) for link in one.less], column] = -1.0
    stocks = np.array([one.spec.kind == "stock" for one in LINK_SUMS.values()])
    rows = []
    for first, last in periods(record.start, record.end).values():
        inside = (record.dates >= np.datetime64(first, "D")) & (
            record.dates <= np.datetime64(last, "D")
        )
        links = record.chain[inside].sum(axis=(0, 2)) @ weights
        outcomes = summarise(record, first, last)
        links = np.where(stocks, links / max(int(inside.sum()), 1), links)
        rows.append([*(outcomes[name] for name in _OUTCOMES), *links])
    return np.array(rows, dtype=float)


def effects_of(base: Array, other: Array) -> Array:
    """Logarithms of ratios of every target, (pairs, periods, targets).

    Args:
        base: (pairs, periods, figures) without the policy.
        other: The same with it.
    """
    usual, changed = (_targets(one) for one in (base, other))
    small = _SMALL * np.nanmean(np.abs(usual), axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        effects = np.log((changed + small) / (usual + small))
    # a figure that a run lacks shows no effect
    return np.where(np.isfinite(effects), effects, 0.0)


def _targets(figures: Array) -> Array:
    boats, lorries = figures[..., 0], figures[..., 1]
    total = boats + lorries
    share = np.divide(boats, total, out=np.zeros_like(total), where=total > 0.0)
    return np.stack([total, share, *np.moveaxis(figures[..., 2:], -1, 0)], axis=-1)
