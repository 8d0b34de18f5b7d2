"""The records of assumed numbers: complete, read, and changed only within their bounds."""

from __future__ import annotations

import pickle
import re
import tomllib
from pathlib import Path
from typing import ClassVar

import pytest

import simulation
from simulation.errors import InputError
from simulation.model.corridor_model import simulate
from simulation.parameters import load_records
from simulation.parameters.groups import RecordGroup
from simulation.parameters.records import CONFIDENCES, DISTRIBUTIONS, FOLDER
from simulation.scenario import load_scenario

PACKAGE = Path(simulation.__file__).parent

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


class Watched(RecordGroup):
    """A group of records that notes which of them are read."""

    read: ClassVar[set[str]] = set()

    def __getattribute__(self, key: str) -> object:
        if not key.startswith("_"):
            Watched.read.add(f"{super().__getattribute__('_name')}.{key}")
        return super().__getattribute__(key)


def test_every_record_is_read_by_the_model():
    """In a short run, or, where only some scenarios need it, by its full name in the code."""
    parameters = load_records().with_values({})
    for group in {record.group for record in parameters.records()}:
        values = vars(getattr(parameters, group))
        record_values = {name: value for name, value in values.items() if name != "_name"}
        vars(parameters)[group] = Watched(group, record_values)
    simulate(load_scenario("full-sharing"), seed=1, scale=0.02, days=2, parameters=parameters)
    assert len(Watched.read) > len(parameters.records()) / 2
    code = "\n".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    in_code = set(re.findall(r"\b(\w+)(?=(\.\w+))", code))
    named = {group + name for group, name in in_code}
    assert {record.name for record in parameters.records()} <= Watched.read | named


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


def test_sharing_gets_better_with_its_level():
    sharing = load_records().sharing
    words = ("none", "low", "medium", "high", "full")
    coverage, delay, fidelity = (
        [getattr(sharing, f"{word}_{quality}") for word in words]
        for quality in ("coverage", "delay_days", "fidelity")
    )
    assert coverage == sorted(coverage)
    assert len(set(coverage)) == len(words)
    assert delay == sorted(delay, reverse=True)
    assert fidelity == sorted(fidelity)
    assert fidelity[0] >= 0.5
    assert coverage[0] == 0


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


def test_a_misspelt_attribute_teaches(folder):
    parameters = load_records(folder=folder(a=RECORD))
    with pytest.raises(AttributeError, match=r"market\.fees; known: fee; did you mean"):
        parameters.market.fees  # noqa: B018
    with pytest.raises(AttributeError, match="no parameter markt"):
        parameters.markt  # noqa: B018


def test_parameters_can_be_sent_to_a_worker():
    parameters = load_records()
    assert pickle.loads(pickle.dumps(parameters)) == parameters
