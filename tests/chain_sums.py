"""The sums that hold between the links of the chain, as `docs/results.md` states them."""

from __future__ import annotations

import numpy as np

from simulation.chain import LINKS, link
from simulation.model.processes.world import World
from simulation.outcomes import RunRecord


def counts(world: World, name: str) -> np.ndarray:
    """(days, authorities + 1) of a link, the warm-up included."""
    return world.ledger.chain[:, link(name)]


def change(series: np.ndarray) -> np.ndarray:
    """Change of a stock from evening to evening; the first is from nothing."""
    return np.diff(series, axis=0, prepend=0)


def agrees_with_outcomes(record: RunRecord) -> None:
    daily = {name: record.chain[:, link(name)].sum(axis=1) for name in LINKS}
    for outcome, parts in {
        "smugglers_arrested": ("arrests_on_case", "arrests_in_raid", "brief_detentions"),
        "arrests_on_case": ("arrests_on_case", "arrests_in_raid"),
        "brief_detentions": ("brief_detentions",),
        "boats_seized": ("boats_seized_upstream", "boats_seized_coast"),
        "channel_arrivals": ("arrivals",),
        "channel_prevented": ("people_prevented",),
    }.items():
        total = sum(daily[part] for part in parts)
        np.testing.assert_array_equal(total, record.daily[outcome], err_msg=outcome)


def agrees_with_itself(world: World) -> None:
    of = {name: counts(world, name) for name in LINKS}
    np.testing.assert_array_equal(
        of["learnt"] + of["delivered"], of["processed"] + of["expired"] + change(of["waiting"])
    )
    np.testing.assert_array_equal(
        of["cases_opened"], of["cases_dropped"] + of["cases_closed"] + change(of["cases_under_way"])
    )
    for part, whole in (
        ("usable_shared", "processed_shared"), ("processed_shared", "processed"),
        ("usable_shared", "usable"), ("usable", "processed"), ("leaked", "passed_on"),
        ("innocent", "processed"), ("arrests_joint", "cases_closed"),
        ("launches_stopped", "launches_tried"), ("launches_taxi", "launches_tried"),
    ):  # fmt: skip
        assert (of[part] <= of[whole]).all(), (part, whole)
    # operators that are removed are taken off both sums, which leaves the last bits of these
    assert (of["capacity_lying_low"] <= of["capacity"] + 1e-9).all()
    # several hand a fact over, and one of them is the first
    delivered, passed_on = (of[name].sum(axis=1).cumsum() for name in ("delivered", "passed_on"))
    assert (delivered <= passed_on).all()
    gained = sum(of[f"capacity_{how}"] for how in ("released", "replaced", "hired", "founded"))
    lost = sum(of[f"capacity_{how}"].sum(axis=1) for how in ("removed", "cut", "left"))
    np.testing.assert_allclose(
        np.diff(of["capacity"].sum(axis=1)), (gained.sum(axis=1) - lost)[1:], atol=1e-6
    )
    regained = [of[f"capacity_{how}"].sum(axis=1) for how in ("released", "replaced", "taken_over")]
    np.testing.assert_allclose(
        change(of["capacity_missing"].sum(axis=1)),
        of["capacity_removed"].sum(axis=1) - sum(regained),
        atol=1e-6,
    )
