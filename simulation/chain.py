"""The links of the chain from what is learnt to who crosses: their names, units and meanings.

Each link is counted where it happens (`World.count`, or a row of `Ledger.chain` in compiled code)
and written to `chain.parquet`. A new link is one line of `LINKS` and one count. Names are part of
the contract of the result files (`docs/results.md`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["flow", "stock"]

#: column of counts that belong to no authority: the last one
NOWHERE = -1


@dataclass(frozen=True)
class LinkSpec:
    """How one link is named, measured and shown.

    Attributes:
        label: What a planner reads.
        unit: Unit of its value.
        group: Heading it stands under.
        whose: Which authority a count belongs to; empty where it belongs to none.
        meaning: What is counted.
        kind: `flow` is summed over days; `stock` is the level in the evening, a mean over days.
    """

    label: str
    unit: str
    group: str
    whose: str
    meaning: str
    kind: Kind = "flow"

    @property
    def of_people(self) -> bool:
        """Whether agents are counted, so that counts are scaled back to people."""
        return self.unit == "people"


_FACTS, _CASES, _CAPACITY = "Facts", "Cases and arrests", "Smugglers' capacity"
_BOATS, _PEOPLE = "Boats and launches", "People at the Channel"

_SOURCE = "that learns it"
_DESK = "whose desk it is"
_ARRESTING = "that arrests"
_HOLDER = "that holds the case"
_OPERATING = "whose operation it is"
_BEACH = "on whose coast"

LINKS: dict[str, LinkSpec] = {
    "learnt": LinkSpec(
        "Facts learnt", "facts", _FACTS, _SOURCE,
        "facts about an operator from people stopped or landed, phones, seized boats, inquiries "
        "and officers posted abroad",
    ),
    "passed_on": LinkSpec(
        "Handed over to another authority", "hand-overs", _FACTS, "that hands it over",
        "each handing-over of a fact to an authority that does not have it yet; one fact can be "
        "handed over to several, and by several to the same",
    ),
    "leaked": LinkSpec(
        "Leaked to the smuggler", "hand-overs", _FACTS, "that hands it over",
        "facts that warn the operator on their way to an authority, each counted once there",
    ),
    "delivered": LinkSpec(
        "Arrived from other authorities", "facts", _FACTS, _DESK,
        "facts that reach the desk of another authority, each counted once there",
    ),
    "processed": LinkSpec(
        "Worked through by a desk", "facts", _FACTS, _DESK,
        "facts that analysts worked through, own ones and those of others",
    ),
    "processed_shared": LinkSpec(
        "Worked through, from others", "facts", _FACTS, _DESK,
        "facts worked through that came from another authority",
    ),
    "usable": LinkSpec(
        "Worked through and usable", "facts", _FACTS, _DESK,
        "facts worked through about an operator in business whom this authority or a partner it "
        "tells can arrest, or who is tied to its cases",
    ),
    "usable_shared": LinkSpec(
        "Usable, from others", "facts", _FACTS, _DESK,
        "usable facts that came from another authority",
    ),
    "innocent": LinkSpec(
        "Worked through, about nobody in the trade", "facts", _FACTS, _DESK,
        "facts worked through about people who are no smugglers",
    ),
    "expired": LinkSpec(
        "Expired on a desk", "facts", _FACTS, _DESK,
        "facts that became too old on a desk and were dropped without being worked through",
    ),
    "waiting": LinkSpec(
        "Waiting on desks", "facts", _FACTS, _DESK,
        "facts that lie on a desk in the evening", "stock",
    ),
    "cases_opened": LinkSpec(
        "Cases opened", "cases", _CASES, _HOLDER,
        "operators whom a team begins to work on, ripe for an arrest or not",
    ),
    "cases_handed_over": LinkSpec(
        "Cases handed over", "cases", _CASES, "that hands it over",
        "case files that reach an authority that can arrest the operator, by one that cannot; not "
        "those that arrive garbled",
    ),
    "cases_dropped": LinkSpec(
        "Cases dropped", "cases", _CASES, _HOLDER,
        "cases given up: the evidence faded, the operator is gone or held, or a riper case came up",
    ),
    "cases_closed": LinkSpec(
        "Cases closed by an arrest", "cases", _CASES, _HOLDER,
        "cases of the authority that arrests, closed by its arrest on the case or in a raid; also "
        "cases of joint teams, closed by the arrest on the partner's ground",
    ),
    "cases_under_way": LinkSpec(
        "Cases under way", "cases", _CASES, _HOLDER,
        "cases that a team works in the evening", "stock",
    ),
    "arrests_on_case": LinkSpec(
        "Arrests on a case", "smugglers", _CASES, _ARRESTING,
        "operators arrested on its ground by a team that worked a case against them",
    ),
    "arrests_joint": LinkSpec(
        "Arrests with a partner", "smugglers", _CASES, "whose team it is",
        "operators arrested by a joint team on the ground of a partner; they count as arrests on a "
        "case of the partner",
    ),
    "arrests_in_operation": LinkSpec(
        "Of them in operations of arrests", "smugglers", _CASES, _ARRESTING,
        "operators arrested on a case of its own where an operation of arrests of that authority "
        "was under way",
    ),
    "operation_days": LinkSpec(
        "Days of operations of arrests", "days", _CASES, _OPERATING,
        "days on which an operation of arrests was under way",
    ),
    "operation_days_without_target": LinkSpec(
        "Of them without anybody to arrest", "days", _CASES, _OPERATING,
        "days of operations on which nobody on their ground was known well enough for an arrest",
    ),
    "arrests_in_raid": LinkSpec(
        "Arrests in raids", "smugglers", _CASES, _ARRESTING,
        "operators arrested in raids whose number of arrests the scenario gives; a cell of which "
        "only some helpers are arrested is not one",
    ),
    "brief_detentions": LinkSpec(
        "Brief detentions", "smugglers", _CASES, _ARRESTING,
        "operators out for some days because a helper was caught in the act",
    ),
    "went_lying_low": LinkSpec(
        "Operators who went to lie low", "smugglers", _CASES, "",
        "operators who stop work for some days because they hear that they are known",
    ),
    "capacity_lying_low": LinkSpec(
        "Capacity lying low", "people a day", _CAPACITY, "",
        "capacity of operators who lie low in the evening, part of the capacity of all", "stock",
    ),
    "capacity_removed": LinkSpec(
        "Capacity removed by arrests", "people a day", _CAPACITY, _ARRESTING,
        "people a day that operators arrested on a case or in a raid could carry; brief "
        "detentions and suppliers of boats remove none",
    ),
    "capacity_missing": LinkSpec(
        "Removed and not made good yet", "people a day", _CAPACITY, "",
        "capacity that arrests removed and nothing has made good: no release, no successor or new "
        "helper, no rival", "stock",
    ),
    "capacity_released": LinkSpec(
        "Regained by release", "people a day", _CAPACITY, "",
        "capacity of arrested operators who come back before a successor takes over",
    ),
    "capacity_replaced": LinkSpec(
        "Regained by successors", "people a day", _CAPACITY, "",
        "capacity of successors who take over from arrested operators, and of helpers they find",
    ),
    "capacity_taken_over": LinkSpec(
        "Regained by rivals", "people a day", _CAPACITY, "",
        "capacity that arrests removed and by which rivals or newcomers are larger instead",
    ),
    "capacity_hired": LinkSpec(
        "Added by hiring", "people a day", _CAPACITY, "",
        "capacity that operators add by taking on helpers, rivals of the arrested included",
    ),
    "capacity_founded": LinkSpec(
        "Added by new operators", "people a day", _CAPACITY, "",
        "capacity of operators who enter the market",
    ),
    "capacity_cut": LinkSpec(
        "Given up for want of clients", "people a day", _CAPACITY, "",
        "capacity that operators give up by letting helpers go",
    ),
    "capacity_left": LinkSpec(
        "Lost as operators leave", "people a day", _CAPACITY, "",
        "capacity of operators who leave the market because their cash is gone",
    ),
    "capacity": LinkSpec(
        "Capacity of all operators", "people a day", _CAPACITY, "",
        "capacity in the evening of operators in business, those held briefly included", "stock",
    ),
    "boats_seized_upstream": LinkSpec(
        "Boats seized on their way", "boats", _BOATS, "that seizes",
        "boats seized between the maker and the coast",
    ),
    "boats_seized_coast": LinkSpec(
        "Boats seized at the coast", "boats", _BOATS, "that seizes",
        "boats of stopped launches, and of launchers' stocks in raids",
    ),
    "launches_tried": LinkSpec(
        "Launches tried", "launches", _BOATS, _BEACH,
        "boats that launchers send, stopped ones included",
    ),
    "launches_stopped": LinkSpec(
        "Launches stopped", "launches", _BOATS, _BEACH,
        "launches stopped before the boat leaves",
    ),
    "launches_taxi": LinkSpec(
        "Launches that pick people up from the water", "launches", _BOATS, _BEACH,
        "launches that do not leave from a beach, so that a stop on the beach does not reach them",
    ),
    "people_prevented": LinkSpec(
        "Attempts prevented", "people", _PEOPLE, _BEACH,
        "people found when a launch is stopped, and people brought back at sea",
    ),
    "people_scattered": LinkSpec(
        "Scattered when a launch was stopped", "people", _PEOPLE, _BEACH,
        "people of a stopped launch who are not found; they keep their seat and are delayed",
    ),
    "arrivals": LinkSpec(
        "Small-boat arrivals in the UK", "people", _PEOPLE, "", "people who land",
    ),
}  # fmt: skip

_NUMBER = {name: number for number, name in enumerate(LINKS)}


def link(name: str) -> int:
    """Row of a link in `Ledger.chain`, as a plain integer that compiled code can hold."""
    return _NUMBER[name]
