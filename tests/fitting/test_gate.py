"""Which runs make up an ensemble, and what the ensemble must do before it can be installed."""

from __future__ import annotations

import numpy as np
import pytest

from simulation.errors import InputError
from simulation.fitting.gate import GateLine, first_failed, load_gate
from simulation.fitting.provenance import install
from simulation.fitting.selection import Sets, WaveRuns, accepted, confirm, select
from simulation.fitting.series import Data, FitWindow, observed_data
from simulation.parameters import load_parameters, load_records, records
from simulation.parameters.records import forget_records
from tests.fits import GATE, write_fit
from tests.fitting import stand_in

DATA = observed_data(FitWindow("2022-01", "2023-12"))
SEEN = np.array(DATA.observed)


def around(spread: float, runs: int = 200, data: Data = DATA, level: float = 1.0) -> np.ndarray:
    """Runs whose figures are off by a factor each, (runs, figures)."""
    rng = np.random.default_rng(1)
    return np.array(data.observed) * level * np.exp(spread * rng.normal(size=(runs, data.size)))


def lines(
    runs: np.ndarray,
    weights: np.ndarray | None = None,
    data: Data = DATA,
    central: np.ndarray | None = None,
) -> list[GateLine]:
    count = len(runs)
    weights = np.full(count, 1.0 / count) if weights is None else weights
    sets = Sets(np.zeros((3, count)), weights, count, 2 * count)
    central = np.median(runs, axis=0) if central is None else central
    return stand_in.gate_of(data, sets, runs, central)


def test_a_good_ensemble_passes():
    gate_lines = lines(around(0.08))
    # of Gaussian factors all months lie inside, which says that intervals are too wide
    assert {line.what.split()[0] for line in gate_lines if not line.passed} <= {"months"}
    assert len(gate_lines) == len(load_gate().lines)


@pytest.mark.parametrize(
    ("runs", "weights", "what"),
    [
        (around(0.08, 100), None, "sets accepted"),
        (around(0.08), np.r_[0.04, np.full(199, 0.96 / 199)], "largest share of one set"),
        (around(0.08, level=1.5), None, "runs that reproduce"),
    ],
)
def test_a_bad_ensemble_fails_the_line_that_says_why(runs, weights, what):
    failed = first_failed(lines(runs, weights))
    assert failed.what.startswith(what)


def test_values_that_tell_another_story_than_the_ensemble_are_no_centre():
    central = SEEN.copy()
    central[DATA.columns("channel_boats_year")[0]] *= 1.2
    off = {line.what.split()[0]: line for line in lines(around(0.08), central=central)[-2:]}
    assert off["arrivals"].passed
    assert not off["boats"].passed
    assert off["boats"].value == pytest.approx(0.2, abs=0.03)


def test_a_window_without_a_whole_year_does_not_pass():
    data = observed_data(FitWindow("2023-05", "2023-06"))
    gate_lines = lines(around(0.05, data=data), data=data)
    failed = first_failed(gate_lines)
    assert (failed.value, failed.what[:4]) == (0.0, "runs")
    assert not any("Hungarian" in line.what for line in gate_lines)


# -- selection ------------------------------------------------------------------------------------


def with_series(series: str, factor: float) -> np.ndarray:
    """What was observed, with one series off by a factor, (1, figures)."""
    runs = SEEN[None].copy()
    runs[:, DATA.columns(series)] *= factor
    return runs


@pytest.mark.parametrize(
    ("series", "factor", "is_in"),
    [
        ("channel_arrivals_year", 1.25, True), ("channel_arrivals_year", 1.3, False),
        ("channel_boats_year", 0.75, False), ("channel_boats_year", 0.85, True),
        ("channel_deaths", 100.0, False), ("channel_deaths", 2.0, True),
        ("lorry_arrivals", 8.0, False), ("lorry_arrivals", 0.5, True),
        ("channel_arrivals", 10.0, True),
    ],
)  # fmt: skip
def test_a_world_that_contradicts_what_is_known_is_in_no_ensemble(series, factor, is_in):
    assert accepted(DATA, with_series(series, factor)).tolist() == [is_in]


def wave(scores: list[float], members: list[int], good: list[bool]) -> WaveRuns:
    figures = np.repeat(SEEN[None], len(scores), axis=0)
    figures[~np.array(good)] *= 3.0
    return WaveRuns(np.array([scores]), np.array(members), figures)


def test_the_latest_run_of_each_member_comes_first():
    waves = [
        wave([9.0, 9.0], [0, 1], [True, True]),
        wave([1.0, 2.0, 3.0], [0, 1, 2], [True, True, True]),
        wave([4.0, 5.0, 6.0], [0, 1, 2], [False, True, True]),
        wave([7.0, 8.0, 6.0], [0, 1, 2], [False, False, True]),
    ]
    sets = select(DATA, waves, 3)
    assert sorted(sets.scores[0].tolist()) == [1.0, 5.0, 6.0]
    assert (sets.accepted, sets.candidates) == (6, 9)
    everyone = select(DATA, waves, 10)
    # one set was accepted twice, and has twice the weight
    assert dict(zip(everyone.scores[0], everyone.weights, strict=True)) == {
        1.0: 1 / 6, 2.0: 1 / 6, 3.0: 1 / 6, 5.0: 1 / 6, 6.0: 2 / 6,
    }  # fmt: skip


def test_a_set_stays_if_its_second_run_is_near_enough_too():
    """One that fails or misses is left out; with none that is near, those that ended are shown."""
    tried = select(DATA, [wave([1.0, 2.0, 3.0, 4.0], [0, 1, 2, 3], [True] * 4)], 4)
    ended = np.array([True, False, True, True])
    again = wave([0.0] * 3, [0, 1, 2], [True, False, True]).figures
    confirmed = confirm(DATA, tried, again, ended, 9)
    assert confirmed.scores[0].tolist() == [1.0, 4.0]
    assert (confirmed.accepted, confirmed.candidates, confirmed.weights.sum()) == (2, 4, 1.0)
    assert confirm(DATA, tried, again, ended, 1).scores[0].tolist() == [1.0]
    missed = wave([0.0] * 3, [0, 1, 2], [False] * 3).figures
    none = confirm(DATA, tried, missed, ended, 9)
    assert none.scores[0].tolist() == [1.0, 3.0, 4.0]
    assert none.accepted == 0


def test_where_no_run_is_near_enough_the_last_wave_is_shown_and_does_not_pass():
    selection = select(DATA, [wave([1.0, 2.0], [0, 1], [False, False])], 10)
    assert (selection.accepted, selection.weights.size) == (0, 2)
    runs = np.repeat(SEEN[None], 2, axis=0)
    failed = first_failed(stand_in.gate_of(DATA, selection, runs, SEEN))
    assert (failed.what, failed.value) == ("sets accepted", 0.0)


# -- installing -----------------------------------------------------------------------------------


def test_an_ensemble_that_fails_is_not_installed_and_the_line_is_named(tmp_path):
    failed = {**GATE[0], "what": "runs that come back", "shown": "14%", "passed": False}
    folder = tmp_path / "package"
    file = write_fit(tmp_path, gate=[GATE[0], failed, {**failed, "what": "another"}])
    with pytest.raises(InputError, match=r"14%.*gate: runs that come back") as refused:
        install(file, folder)
    assert "another" not in str(refused.value)
    with pytest.raises(InputError, match="has no gate"):
        install(write_fit(tmp_path, gate=None), folder)
    assert not folder.exists()


def test_the_newest_fit_gives_a_run_its_values(tmp_path, monkeypatch):
    """An override of a scenario stands above them, and the records stay as they are written."""
    ties = load_records().market.ties
    folder = tmp_path / "package"
    monkeypatch.setattr(records, "CENTRE", folder / records.CENTRE.name)

    def used(*window, centre):
        install(write_fit(tmp_path, window, centre=centre), folder)
        forget_records()
        return load_parameters().market.ties

    try:
        assert used("2021-01", "2023-12", centre=ties + 1) == ties + 1
        assert used("2021-01", "2022-12", centre=ties + 2) == ties + 1
        assert used("2021-01", "2024-12", centre=ties + 2) == ties + 2
        assert used("2021-01", "2025-12", centre=None) == ties
        assert used("2021-01", "2025-12", centre=ties + 2) == ties + 2
        assert load_parameters({"market.ties": ties + 3}).market.ties == ties + 3
        assert load_records().market.ties == ties
        records.CENTRE.write_text('{"values": {"market.ties": 1e9}}', encoding="utf-8")
        forget_records()
        with pytest.raises(InputError, match=r"centre\.json.*market\.ties.*does not go with"):
            load_parameters()
    finally:
        forget_records()
