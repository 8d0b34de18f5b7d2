"""The chain of a comparison: what changes between what is learnt and who crosses, link by link.

Links that say one thing together are added up (`LINK_SUMS`); with outcomes they are the `CHAIN`.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulation.chain import Kind
from simulation.outcomes import OUTCOMES, OutcomeSpec


@dataclass(frozen=True)
class LinkSum:
    """Links that a comparison reads together.

    Attributes:
        spec: How their sum is named and quoted.
        links: Links that are added up.
        less: Links that are taken off.
        outcomes: Outcomes that are added up, where it is of these.
    """

    spec: OutcomeSpec
    links: tuple[str, ...]
    less: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()


def _sum(label: str, unit: str, *links: str, kind: Kind = "flow", less: str = "") -> LinkSum:
    return LinkSum(OutcomeSpec(label, unit, kind), links, (less,) if less else ())


LINK_SUMS: dict[str, LinkSum] = {
    "facts_learnt": _sum("Facts learnt", "facts", "learnt"),
    "facts_delivered": _sum("Facts from other authorities", "facts", "delivered"),
    "facts_usable": _sum("Usable facts, own and others'", "facts", "usable"),
    "cases_opened": _sum("Cases opened", "cases", "cases_opened"),
    "capacity_removed": _sum("Capacity removed by arrests", "people a day", "capacity_removed"),
    "capacity_regained": _sum(
        "Capacity regained by release, successors and rivals", "people a day",
        "capacity_released", "capacity_replaced", "capacity_taken_over",
    ),
    "capacity_missing": _sum(
        "Removed and not made good yet", "people a day", "capacity_missing", kind="stock"
    ),
    "capacity_lying_low": _sum(
        "Capacity lying low", "people a day", "capacity_lying_low", kind="stock"
    ),
    "capacity_at_work": _sum(
        "Smugglers' capacity at work", "people a day", "capacity",
        kind="stock", less="capacity_lying_low",
    ),
    "launches_tried": _sum("Launches tried", "launches", "launches_tried"),
    "launches_stopped": _sum("Launches stopped", "launches", "launches_stopped"),
    "uk_total": LinkSum(
        OutcomeSpec("Arrivals in the UK, by boat or lorry", "people", "flow"), (),
        outcomes=("channel_arrivals", "lorry_arrivals"),
    ),
}  # fmt: skip
#: from what is learnt to who crosses: sums of links, and outcomes
CHAIN = (
    "facts_learnt", "facts_delivered", "facts_usable", "cases_opened", "arrests_on_case",
    "capacity_removed", "capacity_regained", "capacity_at_work", "boats_seized", "launches_tried",
    "launches_stopped", "channel_boats", "people_per_boat", "lorry_arrivals", "channel_arrivals",
)  # fmt: skip


def spec_of(name: str) -> OutcomeSpec:
    """How an outcome or a sum of links is named and quoted."""
    return OUTCOMES[name] if name in OUTCOMES else LINK_SUMS[name].spec
