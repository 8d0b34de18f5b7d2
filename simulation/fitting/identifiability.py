"""What the observed figures say of each assumption, and what they cannot say: prior and posterior.

Which are informed was judged before those that are not were drawn again (`judgement`); the
distributions are those of the ensemble as it is packaged.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from simulation.experiments.plain import as_csv
from simulation.fitting.judgement import Judgement
from simulation.fitting.priors import Prior
from simulation.fitting.weights import weighted_quantile
from simulation.parameters.sampling import quantile

Array = npt.NDArray[np.float64]
#: ends of the interval that is shown
_ENDS = (0.05, 0.5, 0.95)


def table(prior: Prior, judgement: Judgement, last: Array, weights: Array) -> dict[str, Any]:
    """Prior against posterior.

    Args:
        prior: The records; controls follow them in the scores.
        judgement: What the smoother did to each.
        last: Scores of the last generation, as it was run, (records and controls, members).
        weights: Of its members.
    """
    size = len(prior.names)
    rows = []
    for number, record in enumerate(prior.records):
        places = stats.norm.cdf([weighted_quantile(last[number], weights, at) for at in _ENDS])
        rows.append(
            {
                "name": record.name,
                "group": prior.groups[number],
                "reason": prior.reasons[number],
                "unit": record.unit,
                "prior": [float(quantile(record, at)) for at in _ENDS],
                "posterior": [float(quantile(record, float(place))) for place in places],
            }
            | judgement.as_json(number)
        )
    matrix = _correlations(last, weights)
    # every pair of two different ones with a control in it
    among = matrix[size:, size:][np.triu_indices(len(last) - size, 1)]
    controls = np.abs(np.concatenate([matrix[:size, size:].ravel(), among]))
    floor = float(np.quantile(controls, 0.99))
    kept = judgement.informed
    pairs = [
        {
            "a": prior.names[a],
            "b": prior.names[b],
            "r": float(matrix[a, b]),
            # what was drawn again was drawn on its own: a correlation with it is chance
            "above_chance": bool(kept[a] and kept[b] and abs(matrix[a, b]) > floor),
        }
        for a in range(size)
        for b in range(a + 1, size)
    ]
    return {
        "parameters": rows,
        "uninformed": [row["name"] for row in rows if not row["informed"]],
        "noise_floor": judgement.floor | {"correlation": floor},
        "correlations": sorted(pairs, key=lambda pair: -abs(pair["r"])),
    }


def parameters_csv(summary: dict[str, Any]) -> str:
    """Prior against posterior as the text of a CSV file."""
    header = [
        "name", "group", "unit", "prior_5", "prior_50", "prior_95", "posterior_5", "posterior_50",
        "posterior_95", "shrinkage", "distance", "tie", "informed", "reason",
    ]  # fmt: skip
    rows = [
        [
            row["name"], row["group"], row["unit"], *row["prior"], *row["posterior"],
            row["shrinkage"], row["distance"], row["tie"], int(row["informed"]), row["reason"],
        ]
        for row in summary["parameters"]
    ]  # fmt: skip
    return as_csv(header, rows)


def correlations_csv(summary: dict[str, Any]) -> str:
    """All correlations, the strongest first, as the text of a CSV file."""
    rows = [
        [pair["a"], pair["b"], pair["r"], int(pair["above_chance"])]
        for pair in summary["correlations"]
    ]
    return as_csv(["a", "b", "correlation", "above_chance"], rows)


def _correlations(scores: Array, weights: Array) -> Array:
    centred = scores - (scores @ weights)[:, None]
    covariance = (centred * weights) @ centred.T
    spread = np.sqrt(np.diag(covariance))
    found: Array = covariance / np.maximum(np.outer(spread, spread), 1e-12)
    return found
