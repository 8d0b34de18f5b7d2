"""Which results there are, in words, and which of their files the server hands out."""

from __future__ import annotations

import os
import shutil

import pytest

from simulation.app.results import inside, listed, results_app
from simulation.app.results_view import ResultsPage
from simulation.errors import InputError
from tests import every_kind
from tests.app.asking import ask
from tests.app.reading import button, links, until, words
from tests.app.results_folders import MARKUP, broken, compared, pretended
from tests.refusals import nothing_written

#: where the first page of a comparison in `a b` is, as files to take along
BRIEFS = [f"/results/a%20b/brief.{suffix}" for suffix in ("docx", "html")]


@pytest.fixture(scope="module")
def comparison(tmp_path_factory):
    """One finished comparison without its page; copied, never changed."""
    return compared(tmp_path_factory.mktemp("made") / "one", report=False)


def test_what_is_there_is_told_in_words(tmp_path, comparison):
    shutil.copytree(comparison, tmp_path / "a b" / "x#1")
    broken(tmp_path)
    results = {one.name: one for one in listed(tmp_path)}
    whole = results["a b/x#1"]
    assert (whole.title, whole.kind, whole.runs, whole.status) == (
        MARKUP, "Comparison", "8 runs", "Complete",
    )  # fmt: skip
    assert whole.when.endswith("UTC")
    # the latest first; what has no time comes last
    assert listed(tmp_path)[0].name == "a b/x#1"


@pytest.mark.parametrize("name", [
    "..", "../x", "a/../..", "a/../../etc", "/etc", "/etc/passwd", "//etc", "C:\\x", "C:/x",
    "..\\x", "\0", "a\0b", "none", "x" * 5_000, "out", "out/secret", "link/one",
])  # fmt: skip
def test_no_name_leads_out(tmp_path, name):
    root = tmp_path / "root"
    pretended(root / "a")
    secret = tmp_path / "outside"
    secret.mkdir()
    (secret / "secret").write_text("x")
    os.symlink(secret, root / "out")
    os.symlink(tmp_path, root / "link")
    with pytest.raises(InputError, match="there are no such results"):
        inside(root, name)


# -- over HTTP -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", every_kind.each())
def test_the_page_of_every_kind_is_listed_in_words_and_handed_out(finished_study, kind):
    root = finished_study(kind).parent
    (one,) = (one for one in listed(root) if one.name == kind)
    assert one.kind != "Unknown"
    assert ask(results_app(root), f"/{kind}/{one.page}").status == 200


PAGE = "<!doctype html><p>a report</p>"


@pytest.fixture
def root(tmp_path):
    folder = pretended(tmp_path / "root" / "a b" / "x#1")
    (folder / "report.html").write_text(PAGE)
    (folder / "other.html").write_text("other")
    (folder / "fit.md").write_text("# A <b>fit</b>")
    (folder / "chart.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (folder / ".parts").mkdir()
    (folder / ".parts" / "manifest.json").write_text("{}")
    (folder / ".parts" / "report.html").write_text("hidden")
    (tmp_path / "report.html").write_text("outside")
    (tmp_path / "root" / "report.html").write_text("in no folder of results")
    linked = pretended(tmp_path / "root" / "linked")
    os.symlink(tmp_path / "report.html", linked / "report.html")
    broken(tmp_path / "root")
    return tmp_path / "root"


def test_a_report_is_served_shut_off(root):
    answer = ask(results_app(root), "/a b/x#1/report.html")
    assert (answer.status, answer.body.decode()) == (200, PAGE)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none';")
    assert "sandbox allow-scripts" in policy
    assert "allow-same-origin" not in policy


@pytest.mark.parametrize(("name", "kind"), [
    ("fit.md", "text/plain; charset=utf-8"), ("chart.svg", "image/svg+xml"),
])  # fmt: skip
def test_texts_and_charts_run_nothing(root, name, kind):
    answer = ask(results_app(root), f"/a b/x#1/{name}")
    assert (answer.status, answer.headers["content-type"]) == (200, kind)
    assert "script-src" not in answer.headers["content-security-policy"]
    assert answer.headers["content-security-policy"].endswith("sandbox")


@pytest.mark.parametrize("path", [
    "/", "/a b", "/a b/x#1", "/a b/x#1/", "/a b/x#1/manifest.json", "/a b/x#1/other.html",
    "/a b/x#1/.parts/report.html", "/report.html", "/../report.html", "/a b/../../report.html",
    "//etc/passwd", "/linked/report.html", "/damaged/report.html",
    "/no/report.html", "/\0/report.html", "/<script>alert(1)</script>/report.html",
    "/" + "x/" * 5_000 + "report.html",
])  # fmt: skip
def test_nothing_else_is_served(root, path):
    answer = ask(results_app(root), path)
    body = answer.body.decode()
    assert (answer.status, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "This page is not there" in body
    assert not any(word in body for word in ("<script", "hidden", "outside"))


@pytest.mark.parametrize(("suffix", "begins"), [
    ("docx", b"PK"), ("html", b"<!doctype html>"),
])  # fmt: skip
def test_the_first_page_of_a_comparison_is_made_as_a_file(tmp_path, comparison, suffix, begins):
    shutil.copytree(comparison, tmp_path / "what-ifs" / "a “b”")
    with nothing_written(tmp_path):
        answer = ask(results_app(tmp_path), f"/what-ifs/a “b”/brief.{suffix}")
    assert (answer.status, answer.body[: len(begins)]) == (200, begins)
    # it is named after the question
    saved = f"what-ifs-a%20%E2%80%9Cb%E2%80%9D-brief.{suffix}"
    assert answer.headers["content-disposition"] == f"attachment; filename*=UTF-8''{saved}"


def test_what_has_no_brief_says_why(tmp_path, comparison):
    def refusal(folder):
        answer = ask(results_app(tmp_path), f"/{folder}/brief.docx")
        assert (answer.status, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
        return answer.body.decode()

    shutil.copytree(comparison, tmp_path / ".hidden")
    pretended(tmp_path / "half")
    for folder in (".hidden", "none", "../x"):
        assert "there are no such results" in refusal(folder)
    assert "interrupted" in refusal("half")
    folder = shutil.copytree(comparison, tmp_path / "changed")
    (folder / "summary.json").write_text("{}")
    assert "has changed" in refusal("changed")


def test_nothing_can_be_sent(root):
    assert ask(results_app(root), "/a b/x#1/report.html", method="POST").status == 405


# -- on the page ----------------------------------------------------------------------------------


def test_results_whole_and_broken_are_listed_with_report_and_brief(tmp_path, comparison, render):
    folder = shutil.copytree(comparison, tmp_path / "a b")
    (folder / "report.html").write_text("x")
    broken(tmp_path)
    rc = render(ResultsPage(tmp_path))
    text = words(rc)
    assert MARKUP in text
    for wrong in ("manifest.json is damaged", "no manifest.json", "summary.json is missing"):
        assert f"Something is wrong here: {wrong}" in text
    assert "Stopped before its end; finished runs are kept" in text
    report = "/results/a%20b/report.html"
    assert links(rc) == [report, report, *BRIEFS]
    shutil.rmtree(tmp_path)
    button(rc, "Look again").click()
    until(lambda: "There are no results yet." in words(rc))


def test_many_are_shown_in_steps(tmp_path, render):
    for number in range(41):
        pretended(tmp_path / str(number))
    rc = render(ResultsPage(tmp_path))
    assert words(rc).count("Pretended") == 20
    button(rc, "Show 20 more").click()
    button(rc, "Show 1 more").click()
    assert words(rc).count("Pretended") == 41
