"""The page of results: what it lists, what can be read, and what is wrong in words."""

from __future__ import annotations

import shutil

import ipyvuetify as v
import pytest
import solara

from simulation.app import results_view
from simulation.app.results_view import ResultsPage
from tests.app.reading import button, links, until, words
from tests.app.results_folders import MARKUP, broken, compared, pretended


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return compared(tmp_path_factory.mktemp("made") / "one", report=False)


@pytest.fixture
def page():
    shown = []

    def make(root):
        _, rc = solara.render(ResultsPage(root), handle_error=False)
        shown.append(rc)
        until(lambda: not rc.find(v.ProgressLinear).widgets)
        return rc

    yield make
    for rc in shown:
        rc.close()


def test_results_whole_and_broken_are_listed(tmp_path, made, page):
    folder = shutil.copytree(made, tmp_path / "a b")
    (folder / "report.html").write_text("x")
    broken(tmp_path)
    rc = page(tmp_path)
    text = words(rc)
    assert MARKUP in text
    for wrong in ("manifest.json is damaged", "no manifest.json", "summary.json is missing"):
        assert f"Something is wrong here: {wrong}" in text
    assert links(rc) == ["/results/a%20b/report.html"]
    assert button(rc, "Make its page") is None


def test_a_report_is_read_on_the_page(tmp_path, made, page):
    folder = shutil.copytree(made, tmp_path / "a b")
    (folder / "report.html").write_text("x")
    rc = page(tmp_path)
    button(rc, "Read").click()
    (frame,) = [one for one in rc.find(v.Html).widgets if one.tag == "iframe"]
    assert frame.attributes["src"] == "/results/a%20b/report.html"
    assert "allow-same-origin" not in frame.attributes["sandbox"]
    links = [one.attributes for one in rc.find(v.Html).widgets if one.tag == "a"]
    assert [one["download"] for one in links if "download" in one] == ["a b-report.html"]
    assert {one["href"] for one in links} == {"/results/a%20b/report.html"}
    button(rc, "Back to the list").click()
    until(lambda: button(rc, "Read") is not None)


def test_a_page_is_made_from_the_results(tmp_path, made, page):
    folder = shutil.copytree(made, tmp_path / "one")
    rc = page(tmp_path)
    button(rc, "Make its page").click()
    until(lambda: button(rc, "Read") is not None)
    assert (folder / "report.html").is_file()


def test_a_page_that_cannot_be_made_is_told(tmp_path, made, page):
    folder = shutil.copytree(made, tmp_path / "one")
    rc = page(tmp_path)
    (folder / "summary.json").write_text('{"kind": "compare"}')
    button(rc, "Make its page").click()
    until(lambda: "has changed since it was made" in words(rc))
    shutil.rmtree(folder)
    button(rc, "Make its page").click()
    until(lambda: "there are no such results" in words(rc))
    button(rc, "Look again").click()
    until(lambda: "There are no results yet." in words(rc))


def test_many_are_shown_in_steps(tmp_path, page, monkeypatch):
    monkeypatch.setattr(results_view, "_STEP", 2)
    for number in range(5):
        pretended(tmp_path / str(number))
    rc = page(tmp_path)
    assert words(rc).count("Pretended") == 2
    button(rc, "Show 2 more").click()
    button(rc, "Show 1 more").click()
    assert words(rc).count("Pretended") == 5
