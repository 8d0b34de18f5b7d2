"""`crossings results assurance` and `verify`: what a pack holds, and whether it is made again."""

from __future__ import annotations

import csv
import re
import shutil
from contextlib import chdir
from hashlib import sha256
from html import unescape
from pathlib import Path
from unittest import mock

import pytest

import simulation
from simulation.crates import pack as packs
from simulation.engine.result_folder import read_manifest
from simulation.parameters import load_records
from tests.comparing import stand_in
from tests.every_kind import call, stood_in, write_scenarios
from tests.refusals import nothing_written, refusal

SCENARIOS = ("base.toml", "policy.toml")
DEATHS = ("Deaths in the Channel", "Deaths on the corridor before the coast")


@pytest.fixture
def pack(crossings, compared) -> Path:
    """Its assurance pack."""
    done = crossings("results", "assurance", str(compared))
    assert done.exit_code == 0, done.output
    return compared.with_name("compare-assurance")


def compare_and_pack(folder: Path, *asked: str, scenarios: tuple[str, ...] = SCENARIOS) -> Path:
    """The pack of a comparison with a model that is done at once."""
    write_scenarios(folder)
    with chdir(folder), stood_in():
        how = ("--workers", "1", "--out", "mine", "--quiet")
        call("compare", *scenarios, *asked, *how)
        call("results", "assurance", "mine", "--quiet")
    return folder / "mine-assurance"


# -- what it holds ---------------------------------------------------------------------------------


def test_it_holds_the_results_what_is_behind_them_and_a_checksum_of_each_file(pack):
    files = {path.relative_to(pack).as_posix(): path for path in pack.rglob("*") if path.is_file()}
    lines = files.pop("SHA256SUMS").read_text(encoding="utf-8").splitlines()
    assert dict(reversed(line.split("  ")) for line in lines) == {
        name: sha256(path.read_bytes()).hexdigest() for name, path in files.items()
    }
    assert {"results/summary.json", "must-not.md", "validation.md", "data.csv"} <= files.keys()
    assert any(name.startswith("results/scenarios/") for name in files)
    with files["assumptions.csv"].open(encoding="utf-8", newline="") as file:
        rows = {row["name"]: row for row in csv.DictReader(file)}
    for record in load_records():
        row = rows[record.name]
        assert (row["source"], row["confidence"]) == (record.source, record.confidence)


def test_deaths_are_a_range_and_stand_beside_arrivals(crossings, tmp_path):
    pack = compare_and_pack(tmp_path, "--replications", "8")
    texts = unescape((pack / "assurance.html").read_text(encoding="utf-8"))
    assert "Small-boat arrivals" in texts
    for label in DEATHS:
        (text,) = set(
            re.findall(rf"{label} ([^;<]+)[;<]", texts[texts.index("Who bears the effects</h") :])
        )
        assert re.fullmatch(r"same in all 8 pairs|[+-]?[\d,]+ to [+-]?[\d,]+ people", text), text


def test_the_page_stands_alone_and_has_each_part(pack):
    text = (pack / "assurance.html").read_text(encoding="utf-8")
    assert len(text) < 1_000_000
    assert 'src="' not in text
    parts = (
        "Limits of use",
        "Transparency record",
        "never been measured",
        "right to seek asylum",
        "Model card",
    )
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
        done = crossings("results", "verify", str(pack), "--workers", "1")
        assert (done.exit_code, done.stdout[:9]) == (0, "Same bits"), done.output
        # the command in the pack asks for the same numbers
        with chdir(pack):
            call(*(pack / "make-again.sh").read_text().splitlines()[-1].split()[1:])
            first, again = (read_manifest(Path(one)) for one in ("results", "made-again"))
    assert first.identity == again.identity


def test_other_bits_are_named(crossings, pack):
    def other(scenario, *, seed, **options):
        return stand_in(scenario, seed=seed + 1, **options)

    with stood_in(), mock.patch("simulation.model.corridor_model.simulate", other):
        done = crossings("results", "verify", str(pack), "--workers", "1")
    assert done.exit_code == 1
    assert re.search(r"Not the same bits: .*runs\.parquet", done.stdout)
    with stood_in(), mock.patch("simulation.model.corridor_model.simulate", other):
        quiet = crossings("results", "verify", str(pack), "--workers", "1", "--quiet")
    assert (quiet.exit_code, quiet.output) == (1, "")


def test_the_functions_do_what_the_commands_do(pack, compared, tmp_path):
    ours = simulation.assurance(compared, out=tmp_path / "mine")
    assert {path.name: path.read_bytes() for path in ours.iterdir() if path.is_file()} == {
        path.name: path.read_bytes() for path in pack.iterdir() if path.is_file()
    }
    assert set(simulation.verify(ours, run=False).what) >= {"version", "model", "data"}
    with stood_in():
        table = simulation.verify(ours, workers=1)
    assert table.same.all()
    assert "differences.csv" in set(table.what)


@pytest.mark.full
def test_the_model_gives_the_same_bits(crossings, tmp_path):
    with chdir(tmp_path):
        options = ("--scale", "0.02", "--days", "40", "--replications", "4", "--quiet")
        call("compare", "outlook", "outlook-no-sharing", *options, "--out", "mine")
        call("results", "assurance", "mine", "--quiet")
        done = crossings("results", "verify", "mine-assurance")
    assert (done.exit_code, done.stdout[:9]) == (0, "Same bits"), done.output


# -- what is refused -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["data.csv", "results/summary.json", "SHA256SUMS"])
def test_a_pack_that_has_changed_or_lacks_a_file_is_refused(crossings, pack, name):
    content = (pack / name).read_bytes()
    (pack / name).write_bytes(b"0" + content[1:])
    refusal(crossings("results", "verify", str(pack)), "changed or missing")
    (pack / name).unlink()
    refusal(crossings("results", "verify", str(pack)), name)


@pytest.mark.parametrize(("what", "name", "other"), [
    ("version", "__version__", "9.9.9"),
    ("model", "model_hash", lambda: "0123456789abcdef"),
    ("data", "in_use", lambda: mock.Mock(hash=lambda: "0123456789abcdef")),
])  # fmt: skip
def test_another_version_is_refused(crossings, compared, pack, monkeypatch, what, name, other):
    monkeypatch.setattr(packs, name, other)
    for words in (("verify", str(pack)), ("assurance", str(compared), "--out", "new")):
        with nothing_written(pack.parent):
            refusal(crossings("results", *words), what, "another version")


def test_a_fit_that_is_gone_is_refused(crossings, tmp_path, monkeypatch):
    compare_and_pack(tmp_path, "--replications", "2")
    monkeypatch.setattr(packs, "packaged", dict)
    with nothing_written(tmp_path):
        refusal(crossings("results", "assurance", "mine", "--out", "new"), "mine", "fit")


@pytest.mark.parametrize(("words", "said"), [
    (("assurance", "run"), ("run", "comparison")),
    (("assurance", "."), ("manifest.json",)),
    (("assurance", "compare", "--out", "run"), ("exists", "--out")),
    (("assurance", "compare", "--out", "nowhere/pack"), ("nowhere", "cannot be written")),
    (("verify", "compare"), ("SHA256SUMS", "crossings results assurance")),
    (("verify", "nowhere"), ("nowhere",)),
])  # fmt: skip
def test_what_cannot_be_written_or_verified_is_one_line(
    crossings, compared, finished_study, tmp_path, words, said
):
    shutil.copytree(finished_study("run"), tmp_path / "run")
    with nothing_written(tmp_path):
        refusal(crossings("results", *words), *said)
