"""Short runs of the real model from scenario files, and everything there is to compare in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from simulation import Crossings
from simulation.corridor import Corridor
from simulation.model.processes.world import World
from simulation.scenario import Scenario, load_scenario

START = date(2023, 6, 1)
#: so much is told of operators, and so little is enough for a case, that many are arrested
ARRESTS = """
[parameters]
"intelligence.account_yield" = 0.01
"intelligence.case_threshold" = 0.5
"intelligence.prior_log_odds" = -3.0
"intelligence.weight_account" = 3.0
"""


def scenario_from(
    folder: Path,
    text: str = "",
    *,
    name: str = "case",
    title: str = "A case",
    start: date = START,
    days: int = 60,
    warm_up: int = 30,
    extends: str = "baseline",
) -> Scenario:
    """Write a scenario file over a shipped one, which it `extends`, and load it.

    `text` is TOML after the [run] table, top-level keys (`clear`, `drop`) first. So many `days` are
    counted from `start`, after those to warm up.
    """
    top = [line for line in text.splitlines() if line.startswith(("clear", "drop", "description"))]
    rest = [line for line in text.splitlines() if line not in top]
    head = [
        f'title = "{title}"',
        f'extends = "{extends}"',
        *top,
        f"run = {{ start = {start}, end = {start + timedelta(days=days - 1)}, "
        f"warm_up_days = {warm_up} }}",
    ]
    path = folder / f"{name}.toml"
    path.write_text("\n".join([*head, *rest, ""]), encoding="utf-8")
    return load_scenario(path)


class Steps:
    """A model under way, in the shipped corridor unless another is given."""

    def __init__(
        self,
        scenario: Scenario,
        *,
        seed: int = 1,
        scale: float = 0.05,
        corridor: Corridor | None = None,
    ) -> None:
        self.model = Crossings(scenario, rng=seed, scale=scale, corridor=corridor)

    @property
    def world(self) -> World:
        return self.model.world

    def to_the_end(
        self,
        before: Callable[[Crossings], None] | None = None,
        after: Callable[[Crossings], None] | None = None,
    ) -> Crossings:
        """Step to the last day, with a look before and after each."""
        for _ in range(self.world.days):
            if before is not None:
                before(self.model)
            self.model.step()
            if after is not None:
                after(self.model)
        return self.model


def believe(world: World, value: object, where: object = ...) -> None:
    """Set evidence in some places of (authorities, operators, sources)."""
    evidence = world.beliefs.evidence.copy()
    evidence[where] = value
    world.beliefs.evidence = evidence


def everything(model: Crossings) -> dict[str, np.ndarray]:
    """Every array in which two runs can differ, by name: counts, people, operators, pictures."""
    world = model.world
    arrays = {f"ledger.{name}": value for name, value in vars(world.ledger).items()}
    arrays |= {f"migrants.{name}": getattr(world.migrants, name) for name in world.migrants._fields}
    smugglers = world.smugglers
    arrays |= {f"smugglers.{name}": smugglers.rows[name] for name in smugglers.rows.dtype.names}
    for name in ("authority", "kind", "leg", "target", "strength"):
        arrays[f"units.{name}"] = getattr(world.units, name)
    pictures = world.beliefs
    arrays["pictures.evidence"] = pictures.evidence[:, : smugglers.count]
    for name in ("activity", "own_activity", "precision"):
        arrays[f"pictures.{name}"] = getattr(pictures, name)
    for name in ("belief", "fee", "stop_chance", "offered"):
        arrays[f"legs.{name}"] = getattr(world.legs, name)
    arrays["money"] = world.money
    arrays["ended"] = world.ended
    arrays["live"] = np.sort(world.live)
    return arrays


def loses_nobody_and_no_money(model: Crossings) -> None:
    """Everybody who set out is in one state, and what is paid is received, held or given back."""
    world, m = model.world, model.migrants
    assert world.ledger.states[world.day, 1:].sum() == (m.state > 0).sum()
    paid, received, given_back = world.money.tolist()
    assert paid == received + given_back + m.escrow.sum()


def differences(one: Crossings, other: Crossings, besides: Iterable[str] = ()) -> list[str]:
    """Names of the arrays that are not bit for bit the same in two runs."""
    mine, theirs = everything(one), everything(other)
    skip = set(besides)
    return [
        name
        for name in mine
        if name not in skip and not np.array_equal(mine[name], theirs[name], equal_nan=True)
    ]
