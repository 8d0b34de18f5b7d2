"""The chain of a run in words: the short list a run prints, and what becomes of shared facts."""

from __future__ import annotations

from collections.abc import Mapping

from simulation.chain import LINKS
from simulation.engine.findings import LinkTotal

#: heading of the chain, on screen and page
TITLE = "From what was learnt to who crossed"

#: short form: what a line says -> links that are added up, and links in its remark
_SHORT: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("Facts learnt", ("learnt",), ""),
    ("Handed over to other authorities", ("passed_on",), ""),
    ("Arrived from other authorities", ("delivered",), ""),
    ("Worked through by desks", ("processed",), "{processed_shared} from others"),
    ("Usable: it or a partner can act", ("usable",), "{usable_shared} from others"),
    ("Cases opened", ("cases_opened",), ""),
    ("Arrests on a case", ("arrests_on_case",),
     "{arrests_in_raid} in raids, {brief_detentions} held briefly"),
    ("Capacity removed, people a day", ("capacity_removed",), "in business: {capacity} (mean)"),
    ("Capacity regained, people a day",
     ("capacity_released", "capacity_replaced", "capacity_taken_over"),
     "by release, successors and rivals"),
    ("Capacity lying low, people a day", ("capacity_lying_low",),
     "after {went_lying_low} warnings"),
    ("Boats seized", ("boats_seized_upstream", "boats_seized_coast"),
     "{boats_seized_upstream} on their way"),
    ("Launches stopped", ("launches_stopped",), "of {launches_tried} tried"),
    ("Small-boat arrivals in the UK", ("arrivals",), ""),
)  # fmt: skip


def shown_count(value: float) -> str:
    """A count as people read it: whole, with thousands separated; one decimal below ten."""
    if 0 < abs(value) < 10 and value != round(value):
        return f"{value:.1f}"
    return f"{value:,.0f}"


def chain_lines(chain: Mapping[str, LinkTotal]) -> list[tuple[str, str, str]]:
    """The short chain of a run: what is counted, how many, and a remark that can be empty."""
    means = {name: chain[name].mean if name in chain else 0.0 for name in LINKS}
    words = {name: shown_count(value) for name, value in means.items()}
    return [
        (label, shown_count(sum(means[name] for name in names)), remark.format(**words))
        for label, names, remark in _SHORT
    ]


def fate_of_shared(totals: Mapping[str, float]) -> str:
    """The fate of the facts that reached another authority, from the totals of the links."""
    arrived = totals.get("delivered", 0.0)
    if not arrived:
        return "No fact reached another authority."
    worked, usable = totals.get("processed_shared", 0.0), totals.get("usable_shared", 0.0)
    return (
        f"Of 100 facts that reached another authority, its desk worked through "
        f"{_of_hundred(worked, arrived)}; {_of_hundred(usable, arrived)} were about somebody whom "
        "it or a partner that it tells can arrest, or who is tied to its cases."
    )


def operations_sentences(chain: Mapping[str, LinkTotal]) -> list[str]:
    """The results of arrest operations, a sentence for each authority that had one."""
    days, idle, arrests = (
        chain[name].authorities if name in chain else {}
        for name in ("operation_days", "operation_days_without_target", "arrests_in_operation")
    )
    sentences = []
    for code, number in days.items():
        if number <= 0:
            continue
        text = (
            f"Arrests on a case in the operation of {code}: {shown_count(arrests.get(code, 0.0))} "
            f"in {shown_count(number)} days."
        )
        if without := idle.get(code, 0.0):
            text += (
                f" On {shown_count(without)} of these days it could arrest nobody: no smuggler "
                "there was known well enough for a case."
            )
        sentences.append(text)
    return sentences


def _of_hundred(part: float, whole: float) -> str:
    return shown_count(100.0 * part / whole)
