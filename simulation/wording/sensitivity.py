"""The findings of a sensitivity analysis in words, for the terminal and the report."""

from __future__ import annotations

from collections.abc import Sequence

from simulation.engine.findings import Failure
from simulation.outcomes import OUTCOMES, difference_unit
from simulation.statistics.noise import DesignNoise
from simulation.statistics.sensitivity_indices import ElementaryEffect, VarianceShare
from simulation.studies.sensitivity import SensitivityFindings
from simulation.wording.differences import BESIDE, first_failure
from simulation.wording.quoting import NO_VALUE, RANGE_ONLY, number_of, single
from simulation.wording.verdicts import in_text

#: assumptions named in a headline
_NAMED = 3


def headline(findings: SensitivityFindings) -> str:
    """Which assumptions the difference depends on, and those of deaths beside them."""
    chosen = findings.headline
    others = [name for name in ("channel_arrivals", BESIDE) if name != chosen]
    texts = [depends_on(findings, name) for name in (chosen, *others)]
    return f"“{findings.scenario}” against “{findings.baseline}”. {' '.join(texts)}"


def depends_on(findings: SensitivityFindings, outcome: str) -> str:
    """The assumptions that the difference in one outcome depends on, in one or two sentences."""
    entry = findings.outcomes[outcome]
    subject = f"The difference in {in_text(outcome)}"
    if entry.difference is not None and outcome not in RANGE_ONLY:
        size_now = f"{change(outcome, entry.difference)} {difference_unit(OUTCOMES[outcome])}"
        subject += f" ({size_now} with every assumption at its value)"
    effects = entry.screening.effects
    if not any(effect.mu_star for effect in effects):
        if effects and effects[0].mu_star is None:
            return f"{subject} could not be screened: too few trajectories without a failed run."
        return f"{subject} moves with no assumption at all."
    shares = [] if entry.variance is None else entry.variance.shares
    if large := [share for share in shares if share.significant]:
        named = "; ".join(
            f"{_assumption(findings, share.record)}, {share_words(share)}"
            for share in large[:_NAMED]
        )
        if not entry.noise.enough:
            named += " (too few runs to rely on, see the warning)"
        return f"{subject} depends most on {named} of its variance, alone and together with others."
    if clear := [effect for effect in effects if effect.significant]:
        named = "; ".join(
            _assumption(findings, effect.record)
            + ("" if outcome in RANGE_ONLY else f", {effect_words(outcome, effect)} a step")
            for effect in clear[:_NAMED]
        )
        return (
            f"{subject} depends most on {named}; with so few runs, shares of its variance are not "
            "distinguishable from chance."
        )
    return f"{subject}: with so few runs, no assumption has an effect distinguishable from chance."


def _assumption(findings: SensitivityFindings, name: str) -> str:
    """An assumption's name, and what it drives."""
    drives = findings.records[name].drives.rstrip(".")
    return f"{name} ({drives[:1].lower()}{drives[1:]})"


def share_words(share: VarianceShare) -> str:
    """A total share of variance with its interval; the ends are cut at nothing and at all."""
    total, half = share.total or 0.0, share.total_half or 0.0
    low, high = max(0.0, total - half), min(1.0, total + half)
    return f"{min(1.0, total):.0%} ({low:.0%} to {high:.0%})"


def effect_words(outcome: str, effect: ElementaryEffect) -> str:
    """The mean size of an effect."""
    return f"{size(outcome, effect.mu_star)} {unit(outcome)}"


def change(outcome: str, value: float | None) -> str:
    """A difference in an outcome, with its sign and without its unit, see `unit`."""
    if value is None or outcome not in RANGE_ONLY:
        return single(outcome, value, signed=True)
    return f"{value:+.2f}"


def size(outcome: str, value: float | None) -> str:
    """How large a difference in an outcome is, whichever way it goes."""
    return NO_VALUE if value is None else change(outcome, abs(value)).lstrip("+")


def unit(outcome: str) -> str:
    """The unit of effects: of deaths, which have no single number, the strongest effect."""
    if outcome in RANGE_ONLY:
        return "of the strongest"
    return difference_unit(OUTCOMES[outcome])


def basis(findings: SensitivityFindings) -> str:
    """The runs of the analysis, and the basis of its numbers."""
    design = findings.design
    count, seeds = len(findings.records), findings.replications_per_point
    text = (
        f"{count} uncertain assumptions were screened with {design.trajectories} trajectories "
        f"of {count + 1} points (Morris); each step moves one of them over "
        f"{design.step:.0%} of its probability. "
    )
    if design.samples:
        text += (
            f"The {len(findings.survivors)} that move the difference in "
            f"{in_text(findings.headline)} most were then varied together, {design.samples} base "
            "samples, the others at their value (Sobol). "
        )
    text += (
        f"Each point is a pair of runs of the scenario and its baseline with the same assumptions. "
        f"All points have the same {'seed' if seeds == 1 else f'{seeds} seeds'}. "
        f"Ranges are {findings.coverage:.0%} intervals. Assumptions are drawn independently."
    )
    return text + fixed_and_scale(findings.fixed_by_scenarios, findings.scale)


def fixed_and_scale(fixed: Sequence[str], scale: float) -> str:
    """The assumptions that the scenarios set, and the meaning of a smaller scale."""
    text = f" What the scenarios set themselves stays set: {', '.join(fixed)}." if fixed else ""
    if scale >= 1.0:
        return text
    return (
        f"{text} Each run simulates {scale:.0%} of the people, with counts scaled back: small "
        "numbers, deaths above all, come in coarse steps, and chance weighs more."
    )


def noise_warning(findings: SensitivityFindings, outcome: str) -> str:
    """A warning where chance drowns the assumptions; empty where it does not."""
    chance = findings.outcomes[outcome].noise
    if chance.enough or chance.ratio is None:
        return ""
    each = findings.replications_per_point
    return (
        f"Too few runs for {in_text(outcome)}: the variance over the design is "
        f"{chance.ratio:.1f} times what chance alone gives with --replications {each}, and less "
        f"than {findings.signal_wanted:g} times cannot be trusted. {remedy(chance, each)}"
    )


def remedy(chance: DesignNoise, replications: int) -> str:
    """Advice on how to separate the assumptions from chance, with so many pairs at each point."""
    needed = chance.replications_needed
    if needed is None:
        return "Nothing is left for the assumptions; a larger --scale lowers chance too."
    more = max(needed, replications + 1)
    return f"Some --replications {more}, or a larger --scale, would do."


def not_significant(findings: SensitivityFindings, outcome: str) -> str:
    """Which indices of one outcome are not distinguishable from chance; empty if all are."""
    entry = findings.outcomes[outcome]
    parts = []
    effects = entry.screening.effects
    lost = sum(not effect.significant for effect in effects)
    if lost and any(effect.mu_star for effect in effects):
        parts.append(f"the effects of {lost} of {len(effects)} assumptions in the screening")
    shares = [] if entry.variance is None else entry.variance.shares
    names = [share.record for share in shares if not share.significant]
    if names:
        parts.append(f"the shares of variance of {', '.join(names)}")
    if not parts:
        return ""
    return f"{OUTCOMES[outcome].label}: not distinguishable from chance: {' and '.join(parts)}."


def left_out(findings: SensitivityFindings) -> str:
    """How many runs failed, and what was left out for it; empty if nothing."""
    entry = findings.outcomes[findings.headline]
    both = [("trajectories of the screening", entry.screening), ("base samples", entry.variance)]
    lost = [
        f"{part.left_out} of {part.used + part.left_out} {words}"
        for words, part in both
        if part is not None and part.left_out
    ]
    if not lost:
        return failed_words(findings.failed).rstrip()
    text = f"{' and '.join(lost)} hold a point without a value and are left out whole."
    return failed_words(findings.failed) + text


def failed_words(failed: Sequence[Failure]) -> str:
    """How many runs failed, with the first error; empty if none."""
    if not failed:
        return ""
    return f"{number_of(len(failed), 'run')} failed; {first_failure(failed)}. "


def warnings(findings: SensitivityFindings) -> list[str]:
    """Everything a reader must not miss."""
    chance = (noise_warning(findings, outcome) for outcome in findings.outcomes)
    return list(filter(None, (left_out(findings), *chance)))
