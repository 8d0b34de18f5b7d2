"""What the observed figures say of each assumption and what they cannot: prior and posterior."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats

from simulation.experiments.engine.serialization import as_csv
from simulation.fitting.judgement import Judgement, correlations
from simulation.fitting.posterior import Posterior
from simulation.fitting.priors import Prior
from simulation.parameters.sampling import quantile

#: ends of the interval that is shown
_ENDS = (0.05, 0.5, 0.95)
#: correlations that are kept, the strongest
_MOST_PAIRS = 1000


def table(prior: Prior, posterior: Posterior, judgement: Judgement) -> dict[str, Any]:
    """Prior against posterior.

    Args:
        prior: The records; controls follow them in the posterior.
        posterior: Of records and controls.
        judgement: What the figures did to each.
    """
    size = len(prior.names)
    places = stats.norm.cdf(
        posterior.mean[:, None] + posterior.spread[:, None] * stats.norm.ppf(_ENDS)
    )
    rows = [
        {
            "name": record.name,
            "group": record.group,
            "unit": record.unit,
            "prior": [float(quantile(record, at)) for at in _ENDS],
            "posterior": [float(quantile(record, float(place))) for place in places[number]],
        }
        | judgement.as_json(number)
        for number, record in enumerate(prior.records)
    ]
    matrix, floor = correlations(posterior), judgement.floor["tied"]
    above, below = np.triu_indices(size, 1)
    strongest = np.argsort(-np.abs(matrix[above, below]), kind="stable")[:_MOST_PAIRS]
    pairs = [
        {
            "a": prior.names[above[place]],
            "b": prior.names[below[place]],
            "r": float(matrix[above[place], below[place]]),
            "above_chance": bool(abs(matrix[above[place], below[place]]) > floor),
        }
        for place in strongest.tolist()
    ]
    return {
        "parameters": rows,
        "uninformed": [row["name"] for row in rows if not row["informed"]],
        "noise_floor": judgement.floor,
        "correlations": pairs,
    }


def parameters_csv(summary: dict[str, Any]) -> str:
    """Prior against posterior as the text of a CSV file."""
    header = [
        "name", "group", "unit", "prior_5", "prior_50", "prior_95", "posterior_5", "posterior_50",
        "posterior_95", "narrowed", "shifted", "tied", "informed",
    ]  # fmt: skip
    rows = [
        [
            row["name"], row["group"], row["unit"], *row["prior"], *row["posterior"],
            row["narrowed"], row["shifted"], row["tied"], int(row["informed"]),
        ]
        for row in summary["parameters"]
    ]  # fmt: skip
    return as_csv(header, rows)


def correlations_csv(summary: dict[str, Any]) -> str:
    """The strongest correlations, the strongest first, as the text of a CSV file."""
    rows = [
        [pair["a"], pair["b"], pair["r"], int(pair["above_chance"])]
        for pair in summary["correlations"]
    ]
    return as_csv(["a", "b", "correlation", "above_chance"], rows)
