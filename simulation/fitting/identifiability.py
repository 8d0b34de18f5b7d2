"""What the observed figures say of each assumption, and what they cannot say: prior and posterior.

Which are informed was judged before those that are not were drawn again (`judgement`); the
distributions are those of the ensemble as it is packaged.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from simulation.experiments.design_points import as_csv
from simulation.fitting.judgement import Judgement
from simulation.fitting.priors import Prior
from simulation.fitting.weights import weighted_quantile
from simulation.parameters.sampling import quantile

Array = npt.NDArray[np.float64]
#: ends of the interval that is shown
_ENDS = (0.05, 0.5, 0.95)
#: correlations listed in the text
_LISTED = 10


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
    controls = [
        abs(matrix[a, b]) for a in range(len(last)) for b in range(max(a + 1, size), len(last))
    ]
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


def markdown(summary: dict[str, Any]) -> list[str]:
    """What the figures say of each assumption, as lines of Markdown under a heading of level 2."""
    floor, window = summary["noise_floor"], summary["window"]
    strong = [p for p in summary["correlations"] if p["above_chance"]]
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
        "*shifted* the largest difference between the two cumulative distributions; *tied* the "
        f"closest correlation with another. {summary['controls']} controls that drive nothing were "
        f"narrowed by up to {_percent(floor['shrinkage'])}, shifted by up to "
        f"{floor['distance']:.2f} and tied by up to {floor['tie']:.2f}: what exceeds none of these "
        "tells nothing. Such assumptions were then drawn again from their prior, so that chance "
        "makes nobody surer than the figures do; *narrowed*, *shifted* and *tied* are from before "
        "that, *fitted* is the ensemble that experiments draw from.",
        "",
        "| assumption | unit | prior: median (90%) | fitted: median (90%) | narrowed | shifted "
        "| tied | informed |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in sorted(summary["parameters"], key=lambda r: -r["shrinkage"]):
        lines.append(
            f"| `{row['name']}` | {row['unit']} | {_range(row['prior'])} "
            f"| {_range(row['posterior'])} | {_percent(row['shrinkage'])} "
            f"| {row['distance']:.2f} | {row['tie']:.2f} | {informed(row)} |"
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
        lines += ["Every assumption was narrowed, shifted or tied by more than any control.", ""]
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


def informed(row: dict[str, Any]) -> str:
    """Whether the figures tell something of an assumption, in a word or three."""
    if row["informed_alone"]:
        return "yes"
    return "with another only" if row["informed"] else "no"


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
