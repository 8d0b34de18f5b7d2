"""What the observed figures say of each assumption, and what they cannot say.

A fit narrows the spread of every parameter a little by chance alone, as members are few. Controls
tell how much: parameters that are drawn and moved like the others and drive nothing. A parameter
is informed only where it was narrowed, or its distribution shifted, by more than every control.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from simulation.experiments.design_points import as_csv
from simulation.fitting.priors import Prior
from simulation.fitting.weights import weighted_quantile
from simulation.parameters.sampling import quantile

Array = npt.NDArray[np.float64]
#: ends of the interval that is shown
_ENDS = (0.05, 0.5, 0.95)
#: correlations listed in the text
_LISTED = 10


def table(prior: Prior, first: Array, last: Array, weights: Array) -> dict[str, Any]:
    """Prior against posterior.

    Args:
        prior: The records; controls follow them in the scores.
        first: Scores of the first generation, (records and controls, members).
        last: Of the last.
        weights: Of the members of the last.
    """
    size = len(prior.names)
    before = first.std(axis=1, ddof=1)
    after = _spread(last, weights)
    shrinkage = 1.0 - after / before
    distance = np.array([_kolmogorov(row, weights) for row in last])
    floor = {
        "shrinkage": float(shrinkage[size:].max()),
        "distance": float(distance[size:].max()),
    }
    rows = []
    for number, record in enumerate(prior.records):
        places = stats.norm.cdf([weighted_quantile(last[number], weights, at) for at in _ENDS])
        told = shrinkage[number] > floor["shrinkage"] or distance[number] > floor["distance"]
        rows.append(
            {
                "name": record.name,
                "group": prior.groups[number],
                "reason": prior.reasons[number],
                "unit": record.unit,
                "prior": [float(quantile(record, at)) for at in _ENDS],
                "posterior": [float(quantile(record, float(place))) for place in places],
                "shrinkage": float(shrinkage[number]),
                "distance": float(distance[number]),
                "informed": bool(told),
            }
        )
    matrix = _correlations(last, weights)
    pairs = [(a, b) for a in range(size) for b in range(a + 1, size)]
    controls = [
        abs(matrix[a, b]) for a in range(len(last)) for b in range(max(a + 1, size), len(last))
    ]
    floor["correlation"] = float(np.quantile(controls, 0.99))
    return {
        "parameters": rows,
        "uninformed": [row["name"] for row in rows if not row["informed"]],
        "noise_floor": floor,
        "correlations": sorted(
            (
                {"a": prior.names[a], "b": prior.names[b], "r": float(matrix[a, b])}
                for a, b in pairs
            ),
            key=lambda pair: -abs(pair["r"]),
        ),
    }


def parameters_csv(summary: dict[str, Any]) -> str:
    """Prior against posterior as the text of a CSV file."""
    header = [
        "name", "group", "unit", "prior_5", "prior_50", "prior_95", "posterior_5", "posterior_50",
        "posterior_95", "shrinkage", "distance", "informed", "reason",
    ]  # fmt: skip
    rows = [
        [
            row["name"], row["group"], row["unit"], *row["prior"], *row["posterior"],
            row["shrinkage"], row["distance"], int(row["informed"]), row["reason"],
        ]
        for row in summary["parameters"]
    ]  # fmt: skip
    return as_csv(header, rows)


def correlations_csv(summary: dict[str, Any]) -> str:
    """All correlations, the strongest first, as the text of a CSV file."""
    floor = summary["noise_floor"]["correlation"]
    rows = [
        [pair["a"], pair["b"], pair["r"], int(abs(pair["r"]) > floor)]
        for pair in summary["correlations"]
    ]
    return as_csv(["a", "b", "correlation", "above_chance"], rows)


def markdown(summary: dict[str, Any]) -> list[str]:
    """What the figures say of each assumption, as lines of Markdown under a heading of level 2."""
    floor, window = summary["noise_floor"], summary["window"]
    strong = [p for p in summary["correlations"] if abs(p["r"]) > floor["correlation"]]
    uninformed = summary["uninformed"]
    sharing = [r for r in summary["parameters"] if r["group"] == "sharing" and not r["informed"]]
    lines = [
        "## What the data say of each assumption",
        "",
        f"Fitted to {window[0]} to {window[1]}: {summary['members_used']} sets of assumptions, "
        f"worth {summary['weights']['effective']:.0f} of equal weight (importance weights raised "
        f"to the power {summary['weights']['power']:.2g}; without that, "
        f"{summary['weights']['effective_raw']:.0f}).",
        "",
        "*Narrowed* is how much smaller the spread became, on the scale of normal scores; "
        "*shifted* the largest difference between the two cumulative distributions. "
        f"{summary['controls']} controls that drive nothing were narrowed by up to "
        f"{_percent(floor['shrinkage'])} and shifted by up to {floor['distance']:.2f}: what does "
        "not exceed both tells nothing.",
        "",
        "| assumption | unit | prior: median (90%) | fitted: median (90%) | narrowed | shifted "
        "| informed |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in sorted(summary["parameters"], key=lambda r: -r["shrinkage"]):
        lines.append(
            f"| `{row['name']}` | {row['unit']} | {_range(row['prior'])} "
            f"| {_range(row['posterior'])} | {_percent(row['shrinkage'])} "
            f"| {row['distance']:.2f} | {'yes' if row['informed'] else 'no'} |"
        )
    lines += ["", "### What the data cannot inform", ""]
    if uninformed:
        lines += [
            "The fit tells no more of these than of a control; what an experiment finds must be "
            "read over their whole range:",
            "",
            *(f"- `{name}`" for name in uninformed),
            "",
        ]
    else:
        lines += ["Every assumption was narrowed or shifted by more than any control.", ""]
    if sharing:
        lines += [
            f"Among them {len(sharing)} of those that say what sharing does: how strongly "
            "sharing acts rests on assumptions, not on these data.",
            "",
        ]
    lines += ["### Assumptions that trade off against each other", ""]
    if strong:
        lines += [
            "Correlations in the fitted ensemble beyond what the controls show "
            f"({floor['correlation']:.2f}); the strongest {min(_LISTED, len(strong))} of "
            f"{len(strong)}:",
            "",
            "| one | other | correlation |",
            "|---|---|---|",
            *(f"| `{p['a']}` | `{p['b']}` | {p['r']:+.2f} |" for p in strong[:_LISTED]),
        ]
    else:
        lines.append(
            f"No correlation goes beyond what the controls show ({floor['correlation']:.2f})."
        )
    return lines


def _spread(scores: Array, weights: Array) -> Array:
    """Standard deviation of each row, unbiased for weights that are worth fewer members."""
    mean = scores @ weights
    square = ((scores - mean[:, None]) ** 2) @ weights
    found: Array = np.sqrt(square / (1.0 - np.sum(weights**2)))
    return found


def _kolmogorov(scores: Array, weights: Array) -> float:
    """Largest distance of a weighted distribution from the standard normal one."""
    order = np.argsort(scores, kind="stable")
    after = np.cumsum(weights[order])
    before = after - weights[order]
    expected = stats.norm.cdf(scores[order])
    return float(max(np.abs(after - expected).max(), np.abs(before - expected).max()))


def _correlations(scores: Array, weights: Array) -> Array:
    centred = scores - (scores @ weights)[:, None]
    covariance = (centred * weights) @ centred.T
    spread = np.sqrt(np.diag(covariance))
    found: Array = covariance / np.maximum(np.outer(spread, spread), 1e-12)
    return found


def _range(values: list[float]) -> str:
    low, middle, high = (f"{value:.3g}" for value in values)
    return f"{middle} ({low} to {high})"


def _percent(share: float) -> str:
    return f"{100.0 * share:.0f}%"
