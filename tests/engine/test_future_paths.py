"""Drawn paths in the order of the people that they bring."""

from __future__ import annotations

from datetime import date

import pytest

from simulation.engine.assumption_sets import POOL, people_on_path, ranked_draws
from simulation.model.corridor_model import shipped_tables
from simulation.model.processes.entries import EntryTables, rates_on
from simulation.parameters import load_parameters


def test_later_in_the_order_more_people_set_out():
    draws = ranked_draws("2026-07", "2026-12", 1, 0)
    assert len({*draws}) == POOL
    _, indicators, futures, origins = shipped_tables()
    tables, parameters = EntryTables(indicators, futures, origins, {}), load_parameters()
    days = [date(2026, month, 15) for month in range(7, 13)]

    def people(draw: int) -> float:
        # on the routes from which all are bound for the United Kingdom
        rates = rates_on(days, parameters, tables, "spread", draw)
        return sum(float(rate.sum()) for route, rate in rates.items() if route != "balkan")

    fewest, most = draws[: POOL // 3], draws[-(POOL // 3) :]
    assert sum(map(people, fewest)) < 0.7 * sum(map(people, most))


def test_people_of_a_path_are_those_of_each_of_its_months():
    parameters = load_parameters()
    months = [f"2026-{month:02}" for month in range(9, 13)] + ["2027-01", "2027-02"]
    each = [people_on_path(month, month, parameters, "central", 0) for month in months]
    whole = people_on_path(months[0], months[-1], parameters, "central", 0)
    assert whole == pytest.approx(sum(each))


def test_another_seed_or_pool_has_other_paths():
    some = [
        ranked_draws("2026-07", "2026-07", seed, pool) for seed, pool in ((1, 0), (1, 1), (2, 0))
    ]
    assert len({draw for draws in some for draw in draws}) == 3 * POOL
