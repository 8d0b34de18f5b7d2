"""The records of assumed numbers: complete, read, and changed only within their bounds."""

from __future__ import annotations

import re
import tomllib

import pytest

from simulation.errors import InputError
from simulation.parameters import load_records
from simulation.parameters.records import CONFIDENCES, DISTRIBUTIONS, FOLDER

RECORD = """
[market.fee]
value = 3
unit = "EUR"
low = 1
high = 9
distribution = "uniform"
source = "assumption"
confidence = "assumption"
drives = "The fee."
"""


@pytest.fixture
def folder(tmp_path):
    """Write a folder of record files; each test has a folder of its own."""

    def write(**files):
        for name, text in files.items():
            (tmp_path / f"{name}.toml").write_text(text)
        return tmp_path

    return write


def test_every_record_says_what_is_known_of_it():
    records = load_records().records()
    assert records
    for record in records:
        assert record.drives.endswith("."), record.name
        assert record.unit, record.name
        assert record.source, record.name
        assert record.distribution in DISTRIBUTIONS, record.name
        assert record.confidence in CONFIDENCES, record.name
        assert record.low > 0 or record.distribution != "loguniform", record.name
        if record.low == record.high or record.fixed_because:
            assert record.distribution == "fixed", record.name
    files = [*{record.file for record in records}]
    written = [tomllib.loads((FOLDER / file).read_text(encoding="utf-8")) for file in files]
    assert len(records) == sum(len(of) for file in written for of in file.values()), "one twice"


def test_values_are_read_as_attributes(folder):
    text = RECORD + RECORD.replace("market.fee", "market.teams").replace(
        "value = 3", "value = 3\nwhole = true"
    )
    text += (
        RECORD.replace("market.fee", "market.open")
        .replace("value = 3", "value = true")
        .replace("low = 1", "low = false")
        .replace("high = 9", "high = true")
    )
    parameters = load_records(folder=folder(a=text))
    assert parameters.market.fee == 3.0
    assert type(parameters.market.fee) is float
    assert type(parameters.market.teams) is int
    assert parameters.market.open is True
    assert parameters.record("market.fee").unit == "EUR"
    assert [record.name for record in parameters] == ["market.fee", "market.teams", "market.open"]


def test_an_override_makes_a_copy(folder):
    path = folder(a=RECORD)
    usual = load_records(folder=path)
    other = load_records(path).with_values({"market.fee": 4})
    assert (usual.market.fee, other.market.fee) == (3.0, 4.0)
    assert usual.hash() != other.hash()
    assert other.with_values({"market.fee": 3.0}) == usual


@pytest.mark.parametrize(("overrides", "text"), [
    ({"market.fe": 3}, 'unknown parameter; did you mean "market.fee"? allowed: market.fee'),
    ({"markt.fee": 3}, 'did you mean "market.fee"? allowed: groups market'),
    ({"fee": 3}, 'parameters."fee": unknown parameter'),
    ({"market.fee": 9.01}, "outside the range of this parameter; allowed: 1.0 to 9.0 (EUR)"),
    ({"market.fee": 0}, "outside the range"), ({"market.fee": float("nan")}, "finite"),
    ({"market.fee": True}, "must be a number"), ({"market.fee": "3"}, "must be a number"),
])  # fmt: skip
def test_a_bad_override_is_refused(folder, overrides, text):
    with pytest.raises(InputError, match=re.escape(text)):
        load_records(folder(a=RECORD)).with_values(overrides)


def test_parameters_cannot_be_changed(folder):
    parameters = load_records(folder=folder(a=RECORD))
    for action in (
        lambda: setattr(parameters, "market", 1),
        lambda: setattr(parameters.market, "fee", 1),
        lambda: delattr(parameters.market, "fee"),
    ):
        with pytest.raises(AttributeError, match="frozen"):
            action()
