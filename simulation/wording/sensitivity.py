"""What a sensitivity analysis found, in words, for the terminal and the report alike."""

from __future__ import annotations

from typing import Any

from simulation.outcomes import OUTCOMES, difference_unit, shown_difference, shown_size
from simulation.wording.differences import BESIDE, DEATHS

#: assumptions named in a headline
_NAMED = 3


def assumption(summary: dict[str, Any], name: str) -> str:
    """An assumption's name, and what it drives."""
    drives = summary["records"][name]["drives"].rstrip(".")
    return f"{name} ({drives[:1].lower()}{drives[1:]})"


def headline(summary: dict[str, Any]) -> str:
    """Which assumptions the difference depends on, and those of deaths beside them."""
    chosen = summary["headline"]
    others = [name for name in ("channel_arrivals", BESIDE) if name != chosen]
    first, *rest = (_finding(summary, name) for name in (chosen, *others))
    return f"“{summary['scenario']}” against “{summary['baseline']}”. " + " ".join([first, *rest])


def _finding(summary: dict[str, Any], outcome: str) -> str:
    """What the difference in one outcome depends on, in one or two sentences."""
    entry, spec = summary["outcomes"][outcome], OUTCOMES[outcome]
    subject = f"The difference in {_lower(spec.label)}"
    if entry["difference"] is not None and outcome not in DEATHS:
        subject += f" ({difference(outcome, entry)} with every assumption at its value)"
    effects = entry["screening"]["effects"]
    if not any(effect["mu_star"] for effect in effects):
        if effects and effects[0]["mu_star"] is None:
            return f"{subject} could not be screened: too few trajectories without a failed run."
        return f"{subject} moves with no assumption at all."
    variance = entry["variance"]
    told = [share for share in variance["shares"] if share["told"]] if variance else []
    if told:
        named = "; ".join(
            f"{assumption(summary, share['record'])}, {share_words(share)}"
            for share in told[:_NAMED]
        )
        if not entry["noise"]["enough"]:
            named += " (too few runs to rely on, see the warning)"
        return f"{subject} depends most on {named} of its variance, alone and together with others."
    told = [effect for effect in effects if effect["told"]]
    if told:
        named = "; ".join(
            assumption(summary, effect["record"])
            + ("" if outcome in DEATHS else f", {effect_words(outcome, effect)} a step")
            for effect in told[:_NAMED]
        )
        return (
            f"{subject} depends most on {named}; with so few runs, shares of its variance are not "
            "distinguishable from chance."
        )
    return f"{subject}: with so few runs, no assumption has an effect distinguishable from chance."


def difference(outcome: str, entry: dict[str, Any]) -> str:
    """The difference at the central assumptions."""
    spec = OUTCOMES[outcome]
    return f"{shown_difference(spec, entry['difference'])} {difference_unit(spec)}"


def share_words(share: dict[str, Any]) -> str:
    """A total share of variance with its interval; the ends are cut at nothing and at all."""
    total, half = share["total"], share["total_half"]
    low, high = max(0.0, total - half), min(1.0, total + half)
    return f"{min(1.0, total):.0%} ({low:.0%} to {high:.0%})"


def effect_words(outcome: str, effect: dict[str, Any]) -> str:
    """The mean size of an effect."""
    spec = OUTCOMES[outcome]
    return f"{shown_size(spec, effect['mu_star'])} {difference_unit(spec)}"


def basis(summary: dict[str, Any]) -> str:
    """What was run, and what the numbers are made of."""
    design = summary["design"]
    count, seeds = len(summary["records"]), summary["replications_per_point"]
    text = (
        f"{count} uncertain assumptions were screened with {design['trajectories']} trajectories "
        f"of {count + 1} points (Morris); each step moves one of them over "
        f"{design['step']:.0%} of its probability. "
    )
    if design["samples"]:
        text += (
            f"The {len(summary['survivors'])} that move the difference in "
            f"{_lower(OUTCOMES[summary['headline']].label)} most were then varied together, "
            f"{design['samples']} base samples, the others at their value (Sobol). "
        )
    text += (
        f"Each point is a pair of runs of the scenario and its baseline, with the same assumptions "
        f"and the same {'seed' if seeds == 1 else f'{seeds} seeds'}, the same at all points. "
        f"Ranges are {summary['coverage']:.0%} intervals. Assumptions are drawn independently."
    )
    if summary["fixed_by_scenarios"]:
        names = ", ".join(summary["fixed_by_scenarios"])
        text += f" What the scenarios set themselves stays set: {names}."
    return text + scale_words(summary)


def scale_words(summary: dict[str, Any]) -> str:
    """What a run of fewer people means; empty for all of them."""
    if summary["scale"] >= 1.0:
        return ""
    return (
        f" Each run simulates {summary['scale']:.0%} of the people, with counts scaled back: small "
        "numbers, deaths above all, come in coarse steps, and chance weighs more."
    )


def noise(summary: dict[str, Any], outcome: str) -> str:
    """How far chance reaches into what was found for one outcome."""
    found, spec = summary["outcomes"][outcome]["noise"], OUTCOMES[outcome]
    if found["design_sd"] is None:
        return ""
    over = "the survivors" if found["stage"] == "variance" else "all assumptions"
    text = (
        f"{spec.label}: by chance alone the difference at a point has a standard deviation of "
        f"{shown_size(spec, found['sd_point'])} ({len(summary['noise_seeds'])} seeds with every "
        f"assumption at its value); over the design, in {over}, one of "
        f"{shown_size(spec, found['design_sd'])} {difference_unit(spec)}"
    )
    if found["ratio"] is None:
        return f"{text}."
    return f"{text}: {found['ratio']:.1f} times the variance."


def noise_warning(summary: dict[str, Any], outcome: str) -> str:
    """A warning where chance drowns the assumptions; empty where it does not."""
    found = summary["outcomes"][outcome]["noise"]
    if found["enough"] or found["design_sd"] is None:
        return ""
    each = summary["replications_per_point"]
    text = (
        f"Too few runs for {_lower(OUTCOMES[outcome].label)}: the variance over the design is "
        f"{found['ratio']:.1f} times what chance alone gives with --replications {each}, and less "
        f"than {summary['signal_wanted']:g} times cannot be trusted."
    )
    return f"{text} {remedy(found, each)}"


def remedy(noise: dict[str, Any], replications: int) -> str:
    """What would tell the assumptions from chance."""
    needed = noise["replications_needed"]
    if needed is None:
        return "Nothing is left for the assumptions; a larger --scale lowers chance too."
    more = max(needed, replications + 1)
    return f"Some --replications {more}, or a larger --scale, would do."


def untold(summary: dict[str, Any], outcome: str) -> str:
    """Which indices of one outcome cannot be told from chance; empty if all can."""
    entry = summary["outcomes"][outcome]
    parts = []
    effects = entry["screening"]["effects"]
    lost = sum(not effect["told"] for effect in effects)
    if lost and any(effect["mu_star"] for effect in effects):
        parts.append(f"the effects of {lost} of {len(effects)} assumptions in the screening")
    if entry["variance"]:
        names = [share["record"] for share in entry["variance"]["shares"] if not share["told"]]
        if names:
            parts.append(f"the shares of variance of {', '.join(names)}")
    if not parts:
        return ""
    return f"{OUTCOMES[outcome].label}: not distinguishable from chance: {' and '.join(parts)}."


def left_out(summary: dict[str, Any]) -> str:
    """How many runs failed, and what was left out for it; empty if nothing."""
    if not summary["failed"] and not any(_dropped(entry) for entry in _entries(summary)):
        return ""
    entry = summary["outcomes"][summary["headline"]]
    screening, variance = entry["screening"], entry["variance"]
    total = screening["used"] + screening["left_out"]
    text = f"{screening['left_out']} of {total} trajectories of the screening"
    if variance is not None:
        total = variance["used"] + variance["left_out"]
        text += f" and {variance['left_out']} of {total} base samples"
    text += " hold a point without a value and are left out whole; nothing is filled in."
    return failed_words(summary) + text


def failed_words(summary: dict[str, Any]) -> str:
    """How many runs failed, with the first error."""
    failed = summary["failed"]
    if not failed:
        return ""
    first = failed[0]
    return (
        f"{len(failed)} {'run' if len(failed) == 1 else 'runs'} failed; the first: seed "
        f"{first['seed']} of “{first['case']}”, {first['error']}. "
    )


def _entries(summary: dict[str, Any]) -> list[dict[str, Any]]:
    return list(summary["outcomes"].values())


def _dropped(entry: dict[str, Any]) -> bool:
    variance = entry["variance"]
    return bool(entry["screening"]["left_out"] or (variance and variance["left_out"]))


def warnings(summary: dict[str, Any]) -> list[str]:
    """Everything a reader must not miss."""
    found = [left_out(summary)]
    found += [noise_warning(summary, outcome) for outcome in summary["outcomes"]]
    return [text for text in found if text]


def _lower(label: str) -> str:
    return label[:1].lower() + label[1:]
