"""Effects of a scenario, made up outcome by outcome."""

from __future__ import annotations

from typing import Any

from simulation.engine.findings import Effect, LinkEffect, OutcomeEffects
from simulation.margins import margin_of
from simulation.outcomes import OUTCOMES
from simulation.studies.compare import ScenarioEffects
from simulation.studies.effect_chain import LINK_SUMS

PAIRS = 24


def effect(percent: float, half_width: float = 0.1) -> dict[str, Any]:
    """An effect in percent over worlds; of 1,000 in the baseline."""
    ends = {"low": percent - half_width, "high": percent + half_width}
    return {
        "pairs": PAIRS, "baseline": 1000.0, "scenario": 1000.0 + 10.0 * percent,
        "plausible_low": ends["low"], "median": percent, "plausible_high": ends["high"],
        "plausible_unit": "%", "mean_difference": 10.0 * percent, "mean_low": 10.0 * ends["low"],
        "mean_high": 10.0 * ends["high"], "mean_percent": percent,
        "mean_percent_low": ends["low"], "mean_percent_high": ends["high"],
        "detectable": abs(percent) > half_width,
    }  # fmt: skip


def effects(changes: dict[str, float], half_width: float = 0.1) -> ScenarioEffects:
    """The effects of a scenario; what is not named does not change."""
    parts = {name: effect(changes.get(name, 0.0), half_width) for name in (*OUTCOMES, *LINK_SUMS)}
    return ScenarioEffects(
        title="Made up",
        identical=False,
        outcomes={
            name: OutcomeEffects(
                label=spec.label, unit=spec.unit, quote=spec.quote,
                periods={"run": Effect.model_validate(parts[name]).judged(margin_of(name))},
            )
            for name, spec in OUTCOMES.items()
        },
        chain={
            name: LinkEffect(
                label=one.spec.label, unit=one.spec.unit, **parts[name]
            ).judged(margin_of(name))
            for name, one in LINK_SUMS.items()
        },
    )  # fmt: skip
