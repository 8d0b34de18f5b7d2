"""Which results there are, in words, and that no name from outside leads out of their folder."""

from __future__ import annotations

import os
import shutil

import pytest

from simulation.app.results import address, inside, listed, make_page
from simulation.errors import InputError
from tests.app.results_folders import MARKUP, broken, compared, pretended


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """One finished comparison without its page; copied, never changed."""
    return compared(tmp_path_factory.mktemp("made") / "one", report=False)


def test_nothing_there_is_an_empty_list(tmp_path):
    assert listed(tmp_path) == []
    assert listed(tmp_path / "none") == []


def test_what_is_there_is_told_in_words(tmp_path, made):
    shutil.copytree(made, tmp_path / "a b" / "x#1")
    broken(tmp_path)
    found = {one.name: one for one in listed(tmp_path)}
    whole = found["a b/x#1"]
    assert (whole.title, whole.kind, whole.runs, whole.status) == (
        MARKUP, "Comparison", "8 runs", "Complete",
    )  # fmt: skip
    assert whole.when.endswith("UTC")
    assert (whole.problem, whole.page, whole.can_make) == ("", "", True)
    assert found["damaged"].problem.startswith("manifest.json is damaged: not JSON")
    assert found["lost"].problem == "no manifest.json"
    assert found["half"].problem == "summary.json is missing"
    assert found["stopped"].status.startswith("Stopped before its end")
    assert not any(found[name].can_make for name in ("damaged", "lost", "half", "stopped"))
    # the latest first; what has no time comes last
    assert listed(tmp_path)[0].name == "a b/x#1"


def test_damaged_names_and_titles_can_be_sent_to_a_browser(tmp_path):
    pretended(tmp_path / "half", kind="\ud800", title="\ud800 title" + "x" * 5_000)
    os.makedirs(os.fsencode(tmp_path) + b"/caf\xe9")
    (tmp_path / os.fsdecode(b"caf\xe9") / "summary.json").write_text("{}")
    for one in listed(tmp_path):
        for text in (one.name, one.title, one.kind, one.problem, address(one.name)):
            text.encode()
            assert len(text) <= 300


def test_a_page_is_made_where_there_is_none(tmp_path, made):
    shutil.copytree(made, tmp_path / "one")
    assert make_page(tmp_path, "one") == "report.html"
    (found,) = listed(tmp_path)
    assert (found.page, found.can_make) == ("report.html", False)


def test_what_cannot_be_made_is_told(tmp_path, made):
    broken(tmp_path)
    with pytest.raises(InputError, match="is damaged"):
        make_page(tmp_path, "damaged")
    with pytest.raises(InputError, match="holds no finished results"):
        make_page(tmp_path, "stopped")
    with pytest.raises(InputError, match="no such results"):
        make_page(tmp_path, "../made")
    torn = shutil.copytree(made, tmp_path / "torn")
    (torn / "summary.json").write_text('{"kind": "compare"}')
    with pytest.raises(InputError, match="has changed since it was made"):
        make_page(tmp_path, "torn")


def test_a_page_that_cannot_be_written_is_told(tmp_path, made):
    folder = shutil.copytree(made, tmp_path / "one")
    (folder / "report.html").mkdir()  # stands in the way of the page
    with pytest.raises(InputError, match="cannot be written"):
        make_page(tmp_path, "one")


@pytest.mark.parametrize("name", [
    "..", "../x", "a/../..", "a/../../etc", "/etc", "/etc/passwd", "//etc", "C:\\x", "C:/x",
    "..\\x", "\0", "a\0b", "none", "x" * 5_000, "out", "out/secret", "link/one", "in",
])  # fmt: skip
def test_no_name_leads_out(tmp_path, name):
    root = tmp_path / "root"
    pretended(root / "a")
    secret = tmp_path / "outside"
    secret.mkdir()
    (secret / "secret").write_text("x")
    os.symlink(secret, root / "out")
    os.symlink(tmp_path, root / "link")
    os.symlink(root / "a", root / "in")
    with pytest.raises(InputError, match="there are no such results"):
        inside(root, name)


def test_a_name_below_is_found(tmp_path):
    folder = pretended(tmp_path / "a b" / "ü")
    assert inside(tmp_path, "a b/ü") == folder
    assert inside(tmp_path, "./a b//ü/manifest.json") == folder / "manifest.json"


def test_an_address_is_quoted():
    assert address("a b/x#1?") == "/results/a%20b/x%231%3F/report.html"
    assert address(".", "fit.md") == "/results/fit.md"
