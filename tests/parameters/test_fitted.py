"""The file of a fitted ensemble: used, or refused in one line that says what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from simulation.parameters import fitted as fitted_module
from simulation.parameters.fitted import fitted_text, load_fitted, packaged
from tests.fits import write_fit
from tests.trust.json_cases import USELESS, refused

NAMES = ("channel.launch_cost", "market.ties", "adaptation.beliefs")
GOOD = fitted_text(
    NAMES[:2], [[8000.0, 2], [9500.0, 4]], [0.25, 0.75], {"window": ["2021-01", "2023-12"]}
)


def refusal(tmp_path, data: bytes) -> str:
    line = refused(load_fitted, tmp_path / "fitted.json", data)
    assert len(line) < 1_500
    return line


@pytest.mark.parametrize("name", USELESS)
def test_a_useless_file_is_refused_in_one_line(tmp_path, name):
    assert "is no fitted ensemble" in refusal(tmp_path, USELESS[name])


def put(key: str, value: Any) -> Callable[[dict], None]:
    return lambda content: content.__setitem__(key, value)


@pytest.mark.parametrize(("spoil", "words"), [
    (put("parameters", "ab"), "parameters"),
    (put("parameters", [1, 2]), "parameters[0] = 1"),
    (put("parameters", {"a": 1, "b": 2}), "parameters"),
    (put("parameters", [NAMES[0]] * 2), "must not name a record twice"),
    (put("parameters", ["x" * 10_000, "y"]), "unknown parameter"),
    (put("parameters", ["channel.launch_costs", "market.ties"]), 'did you mean'),
    (put("parameters", ["\x1b[31m", "\u202e"]), "unknown parameter"),
    (put("weights", [-0.5, 1.5]), "weights[0] = -0.5"),
    (put("weights", [0.5, 0.6]), "weights must sum to 1"),
    (put("weights", [0.0, 0.0]), "weights must sum to 1"),
    (put("weights", []), "weights"),
    (put("weights", [1.0]), "one row for each weight"),
    (put("weights", [True, False]), "weights[0]"),
    (put("weights", ["0.5", "0.5"]), 'weights[0] = "0.5"'),
    (put("weights", [[0.5], [0.5]]), "weights[0]"),
    (put("weights", 1), "weights = 1"),
    (put("values", [[8000.0], [9500.0, 4]]), "one value for each parameter"),
    (put("values", [[8000.0, 2]] * 3), "one row for each weight"),
    (put("values", [[8000.0, None]] * 2), "values[0][1]"),
    (put("values", [[8000.0, 2.5]] * 2), "must be a whole number"),
    (put("values", [[8000.0, 1e300]] * 2), "outside the range"),
    (put("values", [[8000.0, 2], [-1.0, 4]]), "set 2 does not go with the records"),
    (put("format", 2), "format = 2"), (put("provenance", []), "provenance"),
    (put("provenance", {"window": ["2021-01"]}), "provenance.window"),
    (put("provenance", {"window": ["2021-01", "soon"]}), "provenance.window"),
    (put("provenance", {"inputs": {"legs.csv": "abc"}}), "provenance.inputs"),
    (put("provenance", {"inputs": {"../legs.csv": {"columns": None, "hash": "a"}}}), "inputs"),
    (put("provenance", {"records_hash": 5}), "provenance.records_hash"),
    (put("provenance", {"gate": [{"what": "a line"}]}), "provenance.gate"),
    (put("provenance", {"gate": "passed"}), "provenance.gate"),
    (put("centre", [8000.0]), "centre must have one value for each parameter"),
    (put("centre", [8000.0, None]), "centre[1]"),
    (put("centre", [8000.0, 2.5]), "the centre does not go with the records"),
    (lambda content: content.pop("weights"), "weights: is no fitted ensemble: field required"),
])  # fmt: skip
def test_an_ensemble_that_does_not_fit_together_is_refused(tmp_path, spoil, words):
    content = json.loads(GOOD)
    spoil(content)
    assert words in refusal(tmp_path, json.dumps(content).encode())


def test_none_is_none_and_the_packaged_one_is_good(tmp_path):
    assert load_fitted(tmp_path / "none.json") is None
    assert packaged()
    assert load_fitted() is not None


def test_a_centre_is_read_where_there_is_one(tmp_path):
    file = tmp_path / "fitted.json"
    file.write_text(GOOD, encoding="utf-8")
    assert load_fitted(file).centre is None
    file.write_text(fitted_text(NAMES[:2], [[8000.0, 2]], [1.0], {}, [9000.0, 3]), encoding="utf-8")
    assert load_fitted(file).centre == {NAMES[0]: 9000.0, NAMES[1]: 3}


def test_the_newest_window_is_taken_unless_another_is_told(tmp_path, monkeypatch):
    windows = ("2021-01", "2024-12"), ("2021-01", "2023-12"), ("2022-01", "2024-12")
    for window in windows:
        write_fit(tmp_path, window)
    (tmp_path / "notes.json").write_text("{}", encoding="utf-8")
    monkeypatch.setattr(fitted_module, "FOLDER", tmp_path)
    # of two that end alike the longer one is the newer
    assert list(packaged()) == [windows[1], windows[2], windows[0]]
    assert load_fitted().window == windows[0]
    monkeypatch.setattr(fitted_module, "FOLDER", tmp_path / "nothing")
    assert load_fitted() is None
