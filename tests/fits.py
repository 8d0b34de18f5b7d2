"""A small fitted ensemble in the place of the package's, or none: tests hang on neither."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from simulation.engine import trials
from simulation.engine.assumption_sets import set_of_seed
from simulation.parameters.fitted import FittedEnsemble, fitted_text, load_fitted, window_name

#: what the ensembles are of; neither drives anything in the stand-ins for the model
FITTED_NAMES = ("channel.launch_cost", "market.ties")
FITTED_VALUES = [[8000.0, 2], [9500.0, 4], [11000.0, 6]]
FITTED_WEIGHTS = [0.25, 0.75, 0.0]


def drawn_values(
    assumptions: trials.Assumptions, seed: int, ensemble: FittedEnsemble | None = None
) -> dict[str, Any]:
    """The values that belong to a seed; the newest ensemble is drawn from when None."""
    chosen = (ensemble or trials.fitted_ensemble()) if assumptions == "fitted" else None
    return set_of_seed(assumptions, seed, chosen).values(chosen)


#: a gate that was passed
GATE = [{"what": "sets accepted", "value": 200.0, "shown": "200", "asked": "150", "passed": True}]


def write_fit(
    folder: Path,
    window: tuple[str, str] = ("2021-01", "2023-12"),
    gate: list[dict[str, Any]] | None = GATE,
    centre: int | None = None,
) -> Path:
    """Write a small fitted ensemble of one record, called after its window, and say where it is."""
    file = folder / f"{window_name(*window)}.json"
    provenance = {"window": list(window)} | ({} if gate is None else {"gate": gate})
    middle = None if centre is None else [centre]
    text = fitted_text(("market.ties",), [[2], [4]], [0.5, 0.5], provenance, middle)
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture
def package_fit(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., FittedEnsemble | None]]:
    """Puts a small fitted ensemble in the place of the package's, or none at all.

    What the package really holds changes with every fit, and tests must not hang on it.
    """

    def put(
        values: list[list[float]] | None = None,
        window: tuple[str, str] = ("2021-01", "2023-12"),
        *,
        installed: bool = True,
    ) -> FittedEnsemble | None:
        file = tmp_path_factory.mktemp("fit") / "fitted.json"
        if installed:
            rows = FITTED_VALUES if values is None else values
            text = fitted_text(FITTED_NAMES, rows, FITTED_WEIGHTS, {"window": list(window)})
            file.write_text(text, encoding="utf-8")
        monkeypatch.setattr(trials, "load_fitted", lambda: load_fitted(file))
        trials.fitted_ensemble.cache_clear()
        return load_fitted(file)

    yield put
    trials.fitted_ensemble.cache_clear()


@pytest.fixture
def fitted(package_fit: Callable[..., FittedEnsemble | None]) -> FittedEnsemble:
    """A small ensemble that stands in the place of the package's."""
    ensemble = package_fit()
    assert ensemble is not None
    return ensemble


@pytest.fixture
def nothing_fitted(package_fit: Callable[..., FittedEnsemble | None]) -> None:
    """A package without a fitted ensemble."""
    package_fit(installed=False)
