"""Which agreements have an effect that is told from chance: one judgement for words and tables.

Headline, tables, figures and warnings of a study of agreements all ask here, so that they cannot
contradict each other. An agreement is judged by its refined runs alone: of hundreds that were
screened with few seeds, some stand out by luck.
"""

from __future__ import annotations

from typing import Any, Literal

from simulation.wording.differences import BESIDE

#: outcomes of which more is worse, whatever the agreements are ranked by
DEATHS = (BESIDE, "corridor_deaths")
#: agreements shown in a ranking; more where a further one is judged to have an effect
SHOWN = 15
#: which way an agreement is meant to move the outcome that ranks
Better = Literal["higher", "lower"]
#: how the headline sums a study up: nobody is reached; nothing was refined, so nothing is judged;
#: an agreement helps; none does and one harms; none has a detectable effect
Verdict = Literal["silent", "screened", "helps", "harms", "unclear"]


def judged(pair: dict[str, Any], outcome: str) -> bool | None:
    """Whether an agreement has a detectable effect; None for one that was screened only."""
    if not pair["refined"]:
        return None
    return bool(pair["refined"][outcome]["detectable"])


def shown_effect(pair: dict[str, Any]) -> dict[str, Any] | None:
    """The effect to show of an agreement: the refined one if there is one."""
    effect: dict[str, Any] | None = pair["refined"] or pair["screening"]
    return effect


def gains(entry: dict[str, Any], better: Better) -> bool:
    """Whether a mean lies on the side that is wanted."""
    way = entry["difference"] or 0.0
    return bool(way > 0.0 if better == "higher" else way < 0.0)


def helps(entry: dict[str, Any], better: Better) -> bool:
    """Whether an effect is detectable, and on the side that is wanted."""
    return bool(entry["detectable"] and gains(entry, better))


def ranked(summary: dict[str, Any]) -> list[dict[str, Any]]:
    """The agreements that reach somebody, the best first."""
    by_key = {pair["key"]: pair for pair in summary["pairs"]}
    return [by_key[key] for key in summary["ranking"]]


def in_table(summary: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of a ranking: the best, and every further one with a detectable effect."""
    by = summary["headline"]
    return [pair for rank, pair in enumerate(ranked(summary)) if rank < SHOWN or judged(pair, by)]


def helping(summary: dict[str, Any]) -> list[dict[str, Any]]:
    """The agreements that are judged to change what they are ranked by as wanted, best first."""
    return [pair for pair in _detectable(summary) if _gains(summary, pair)]


def harming(summary: dict[str, Any]) -> list[dict[str, Any]]:
    """Those that are judged to change it the other way."""
    return [pair for pair in _detectable(summary) if not _gains(summary, pair)]


def verdict(summary: dict[str, Any]) -> Verdict:
    """How a study is summed up."""
    pairs = ranked(summary)
    if not pairs:
        return "silent"
    if not any(pair["refined"] for pair in pairs):
        return "screened"
    if helping(summary):
        return "helps"
    return "harms" if harming(summary) else "unclear"


def raising_deaths(summary: dict[str, Any]) -> list[dict[str, Any]]:
    """The agreements that are judged to raise deaths, in the Channel or before the coast."""
    return [
        pair
        for pair in summary["pairs"]
        if any(judged(pair, name) and pair["refined"][name]["difference"] > 0.0 for name in DEATHS)
    ]


def _detectable(summary: dict[str, Any]) -> list[dict[str, Any]]:
    return [pair for pair in ranked(summary) if judged(pair, summary["headline"])]


def _gains(summary: dict[str, Any], pair: dict[str, Any]) -> bool:
    return gains(pair["refined"][summary["headline"]], summary["better"])
