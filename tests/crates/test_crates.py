"""`crossings assurance` and `crossings verify`: what a pack holds, and whether it is made again."""

from __future__ import annotations

import csv
import json
import re
import shutil
from contextlib import chdir
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import simulation
from simulation.crates import subject as subjects
from simulation.crates.crate import check_crate
from simulation.crates.logs import YOURS, logs, source_of
from simulation.crates.subject import read_subject
from simulation.engine.result_folder import read_manifest
from simulation.errors import InputError
from simulation.parameters import load_records
from simulation.scenario import load_scenario
from simulation.scenario.shipped import shipped_scenarios
from simulation.studies.drivers import Driver, Drivers
from tests.comparing import stand_in
from tests.every_kind import call, stood_in, write_scenarios
from tests.refusals import nothing_written, refusal

LOGS = {
    "who-bears-it", "checks", "assumptions", "decisions", "data", "model-map",
    "transparency-record",
}  # fmt: skip
SCENARIOS = ("base.toml", "policy.toml")
DEATHS = ("Deaths in the Channel", "Deaths on the corridor before the coast")


@pytest.fixture
def pack(crossings, compared) -> Path:
    """Its assurance pack."""
    done = crossings("assurance", str(compared))
    assert done.exit_code == 0, done.output
    return compared.with_name("compare-assurance")


def rows_of(pack: Path, log: str) -> list[dict[str, str]]:
    with (pack / f"{log}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def entities(pack: Path) -> dict[str, dict]:
    content = json.loads((pack / "ro-crate-metadata.json").read_text(encoding="utf-8"))
    return {one["@id"]: one for one in content["@graph"]}


def compare_and_pack(folder: Path, *asked: str, scenarios: tuple[str, ...] = SCENARIOS) -> Path:
    """The pack of a comparison with a model that is done at once."""
    write_scenarios(folder)
    with chdir(folder), stood_in():
        how = ("--workers", "1", "--out", "mine", "--quiet")
        call("compare", *scenarios, *asked, *how)
        call("assurance", "mine", "--quiet")
    return folder / "mine-assurance"


# -- what it holds ---------------------------------------------------------------------------------


def test_every_file_is_described_and_the_run_names_what_it_took_and_gave(pack):
    described = entities(pack)
    files = {path.relative_to(pack).as_posix(): path for path in pack.rglob("*") if path.is_file()}
    del files["ro-crate-metadata.json"]
    assert {one["@id"] for one in described["./"]["hasPart"]} == files.keys()
    for name, path in files.items():
        assert described[name]["sha256"] == sha256(path.read_bytes()).hexdigest()
    assert described["ro-crate-metadata.json"]["about"] == {"@id": "./"}
    run = described["#comparison"]
    assert {one["@id"] for one in run["object"]} == {
        name for name in files if name.startswith("results/scenarios/")
    }
    assert {"@id": "results/summary.json"} in run["result"]
    assert run["description"] in (pack / "make-again.sh").read_text(encoding="utf-8")
    assert {f"{log}.csv" for log in LOGS} <= files.keys()


def test_the_logs_come_from_records(pack):
    assumptions = {row["Assumption"]: row for row in rows_of(pack, "assumptions")}
    records = load_records()
    assert assumptions.keys() == {record.name for record in records}
    for record in records:
        row = assumptions[record.name]
        assert (row["Source"], row["Reliability"]) == (record.source, record.confidence)
    (lever,) = (row for row in rows_of(pack, "decisions") if row["What"] == "sharing")
    assert (lever["In"], "none" in lever["Decision"]) == ("A policy", True)
    assert any(
        "none" in row["Decision"] for row in rows_of(pack, "decisions") if row["What"] == "change"
    )
    assert all(row["Source"] and row["Label"] for row in rows_of(pack, "data"))
    assert {"processes/intelligence/sharing.py", "scenario"} <= {
        row["Part"] for row in rows_of(pack, "model-map")
    }
    checks = " ".join(row["Check"] for row in rows_of(pack, "checks"))
    assert all(word in checks for word in ("Back-test", "facts", "pinned"))
    assert YOURS in {row["Entry"] for row in rows_of(pack, "transparency-record")}


def test_an_assumption_that_decides_has_its_effect_in_the_log(compared):
    subject = read_subject(compared)
    drivers = Drivers(
        sets=20,
        assumptions=334,
        needed=0.6,
        unit="%",
        strongest=[Driver(name="market.ties", correlation=-0.7, low=4.0, high=-9.0)],
    )
    (one,) = subject.findings.scenarios
    scenarios = [one.model_copy(update={"drivers": drivers})]
    (log,) = (
        one
        for one in logs(
            replace(subject, findings=subject.findings.model_copy(update={"scenarios": scenarios}))
        )
        if one.key == "assumptions"
    )
    effects = {row[0]: row[-1] for row in log.rows if row[-1]}
    assert effects.keys() == {"market.ties"}
    assert all(number in effects["market.ties"] for number in ("-0.70", "+4.0%", "-9.0%"))


@pytest.mark.parametrize("name", shipped_scenarios())
def test_every_lever_that_is_shipped_names_its_file(name):
    for lever in load_scenario(name).levers:
        assert source_of(lever).startswith("scenarios/")


def test_a_lever_has_the_source_that_is_remarked_above_it():
    (lever,) = (one for one in load_scenario("outlook").levers if one.name == "uk-france-2026")
    assert source_of(lever).startswith("scenarios/outlook.toml: Coast deal of 23 April 2026")


def test_deaths_are_a_range_and_stand_beside_arrivals(crossings, tmp_path):
    texts = "; ".join(
        row["What was counted"]
        for row in rows_of(compare_and_pack(tmp_path, "--replications", "8"), "who-bears-it")
    )
    assert "Small-boat arrivals" in texts
    for label in DEATHS:
        (text,) = re.findall(rf"{label} ([^;\n]+)", texts)
        assert re.fullmatch(r"same in all 8 pairs|[+-]?[\d,]+ to [+-]?[\d,]+ people", text), text


def test_the_page_stands_alone_and_has_each_part(pack):
    text = (pack / "assurance.html").read_text(encoding="utf-8")
    assert len(text) < 1_000_000
    assert 'src="' not in text
    parts = ("Limits of use", "never been measured", "right to seek asylum", "Model card")
    assert all(part in text for part in parts)
    links = re.findall(r'href="([^"#:]+)"', text)
    assert {(pack / link).is_file() for link in links} == {True}


# -- the same bits ---------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", [
    pytest.param(words, marks=mark)
    for words, mark in (
        (("--time", "2s", "--limit", "9", "--days", "40", "--assumptions", "fitted", "--seed", "7"),
         pytest.mark.slow),
        (("--replications", "4", "--period", "2027", "--days", "200", "--path", "low", "--set", "5",
          "--rank", "corridor_deaths"), pytest.mark.full),
        (("--replications", "4", "--assumptions", "ranges", "--scale", "0.1"), pytest.mark.full),
    )
])  # fmt: skip
def test_a_pack_is_made_again_whatever_was_asked(crossings, tmp_path, asked):
    scenarios = ("outlook", "outlook-no-sharing") if "--path" in asked else SCENARIOS
    pack = compare_and_pack(tmp_path, *asked, scenarios=scenarios)
    with stood_in():
        done = crossings("verify", str(pack), "--workers", "1")
        assert (done.exit_code, done.stdout[:9]) == (0, "Same bits"), done.output
        # the command in the pack asks for the same numbers
        with chdir(pack):
            call(*entities(pack)["#comparison"]["description"].split()[1:])
            first, again = (read_manifest(Path(one)) for one in ("results", "made-again"))
    assert first.identity == again.identity


def test_other_bits_are_named(crossings, pack):
    def other(scenario, *, seed, **options):
        return stand_in(scenario, seed=seed + 1, **options)

    with stood_in(), mock.patch("simulation.model.corridor_model.simulate", other):
        done = crossings("verify", str(pack), "--workers", "1")
    assert done.exit_code == 1
    assert re.search(r"Not the same bits: .*runs\.parquet", done.stdout)
    with stood_in(), mock.patch("simulation.model.corridor_model.simulate", other):
        quiet = crossings("verify", str(pack), "--workers", "1", "--quiet")
    assert (quiet.exit_code, quiet.output) == (1, "")


def test_the_functions_do_what_the_commands_do(pack, compared, tmp_path):
    crate = simulation.assurance(compared, out=tmp_path / "mine")
    assert {path.name: path.read_bytes() for path in crate.iterdir() if path.is_file()} == {
        path.name: path.read_bytes() for path in pack.iterdir() if path.is_file()
    }
    assert set(simulation.verify(crate, run=False).what) >= {"version", "model", "data"}
    with stood_in():
        table = simulation.verify(crate, workers=1)
    assert table.same.all()
    assert "differences.csv" in set(table.what)


@pytest.mark.full
def test_the_model_gives_the_same_bits(crossings, tmp_path):
    with chdir(tmp_path):
        options = ("--scale", "0.02", "--days", "40", "--replications", "4", "--quiet")
        call("compare", "outlook", "outlook-no-sharing", *options, "--out", "mine")
        call("assurance", "mine", "--quiet")
        done = crossings("verify", "mine-assurance")
    assert (done.exit_code, done.stdout[:9]) == (0, "Same bits"), done.output


# -- what is refused -------------------------------------------------------------------------------


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_no_byte_of_a_crate_changes_unnoticed(pack, data):
    name = data.draw(
        st.sampled_from(sorted({*entities(pack)} - {"./", "#comparison", "#crossings"}))
    )
    content = bytearray((pack / name).read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    before = bytes(content)
    content[place] ^= data.draw(st.integers(1, 255))
    # what JSON says, not how it is laid out
    assume(not (name.endswith("metadata.json") and before[place : place + 1].isspace()))
    (pack / name).write_bytes(content)
    try:
        with pytest.raises(InputError):
            check_crate(pack)
    finally:
        (pack / name).write_bytes(before)
    check_crate(pack)


def test_a_crate_that_lacks_a_file_is_refused(crossings, pack):
    (pack / "data.csv").unlink()
    refusal(crossings("verify", str(pack)), "data.csv")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"@graph": [1]}', '{"@graph": [{"@id": "./"}]}'])
def test_metadata_of_something_else_is_refused(crossings, pack, text):
    (pack / "ro-crate-metadata.json").write_text(text, encoding="utf-8")
    refusal(crossings("verify", str(pack)), "ro-crate-metadata.json", "crossings assurance")


@pytest.mark.parametrize(("what", "name", "other"), [
    ("version", "__version__", "9.9.9"),
    ("model", "model_hash", lambda: "0123456789abcdef"),
    ("data", "in_use", lambda: mock.Mock(hash=lambda: "0123456789abcdef")),
])  # fmt: skip
def test_another_version_is_refused(crossings, compared, pack, monkeypatch, what, name, other):
    monkeypatch.setattr(subjects, name, other)
    for words in (("verify", str(pack)), ("assurance", str(compared), "--out", "new")):
        with nothing_written(pack.parent):
            refusal(crossings(*words), what, "another version")


def test_a_fit_that_is_gone_is_refused(crossings, tmp_path, monkeypatch):
    compare_and_pack(tmp_path, "--replications", "2")
    monkeypatch.setattr(subjects, "packaged", dict)
    with nothing_written(tmp_path):
        refusal(crossings("assurance", "mine", "--out", "new"), "mine", "fit")


@pytest.mark.parametrize(("words", "said"), [
    (("assurance", "run"), ("run", "comparison")),
    (("assurance", "."), ("manifest.json",)),
    (("assurance", "compare", "--out", "run"), ("exists", "--out")),
    (("assurance", "compare", "--out", "nowhere/pack"), ("nowhere", "cannot be written")),
    (("verify", "compare"), ("ro-crate-metadata.json", "crossings assurance")),
    (("verify", "nowhere"), ("nowhere",)),
])  # fmt: skip
def test_what_cannot_be_written_or_verified_is_one_line(
    crossings, compared, finished_study, tmp_path, words, said
):
    shutil.copytree(finished_study("run"), tmp_path / "run")
    with nothing_written(tmp_path):
        refusal(crossings(*words), *said)
