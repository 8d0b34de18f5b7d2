"""Files and links to take away, and files that are brought: good, bad and huge."""

from __future__ import annotations

import base64
import io
import zipfile

import pytest
import solara
from solara.components.file_download import FileDownloadWidget

from simulation.app import board
from simulation.app.draft import Draft
from simulation.app.links import PageState, state_of
from simulation.app.take_away import TakeAway, file_name
from tests.app.reading import button, own, until, words

WHATIF = Draft().with_(title="<b>More</b>", sharing=[{"between": ["UK", "RS"], "level": "high"}])
OTHER = Draft().with_(title="Other", sharing=[{"between": ["UK", "FR"], "level": "none"}])


def sent(content: bytes):
    """What the browser sends of a file."""
    return {
        "name": "sent.toml", "size": len(content), "content": base64.b64encode(content).decode(),
    }  # fmt: skip


@pytest.fixture
def page(render):
    board.draft.set(WHATIF)
    board.saved.set("")
    return lambda csv=dict: render(TakeAway(csv))


def link(rc):
    """The query of the link."""
    return own(rc, "query")[0].query


def downloads(rc):
    return {one.filename: one for one in rc.find(FileDownloadWidget).widgets}


def taken(rc, name):
    """Click a download, and take what it gives."""
    downloads(rc)[name].request_download = True
    until(lambda: downloads(rc)[name].bytes is not None)
    return downloads(rc)[name].bytes


# -- the file and the link ------------------------------------------------------------------------


def test_the_link_holds_what_is_set(page):
    rc = page()
    board.seed.set(5)
    assert state_of(link(rc), Draft()) == PageState(WHATIF, 5)
    board.seed.set(1)
    board.draft.set(OTHER)
    assert state_of(link(rc), Draft()) == PageState(OTHER)
    # somebody else's server may have been started with another scenario
    board.draft.set(Draft())
    assert link(rc) == "scenario=baseline"


def test_a_link_that_was_copied_is_saved(page):
    own(page(), "vue_copied")[0].vue_copied({})
    assert not board.unsaved.value


def test_a_name_for_the_file():
    assert file_name("../../etc/Größe <b>") == "etc-gr-e-b.toml"
    assert file_name("...") == "what-if.toml"
    assert len(file_name("long " * 100)) < 80


# -- a file that is brought -----------------------------------------------------------------------


@pytest.mark.parametrize(("file", "problem"), [
    (sent(b"\xff\xfe\x00"), "sent.toml: in UTF-16, not UTF-8"),
    (sent(b"no <b>toml</b>"), "not valid TOML"), (sent(b""), "sent.toml: the file is empty"),
    (sent(b'title = "x"\nextends = "../../etc/passwd"\n'), "no scenario of this name is shipped"),
    (sent(b'title = "x"\nextends = "/etc/passwd"\n'), "no scenario of this name is shipped"),
    (sent(b"x" * 1_000_001), "too large for a scenario"),
])  # fmt: skip
def test_a_file_that_cannot_be_used_changes_nothing(page, file, problem):
    rc = page()
    (field,) = own(rc, "vue_opened")
    field.vue_opened(file)
    assert problem in words(rc)
    assert "The what-if is as it was." in words(rc)
    assert board.draft.value is WHATIF
    field.vue_opened(sent(OTHER.text().encode()))
    assert "as it was" not in words(rc)


def test_a_file_of_50_mb_is_never_read(page):
    rc = page()
    own(rc, "vue_refused")[0].vue_refused({"name": "big.toml", "size": 50_000_000})
    assert "big.toml: too large for a scenario, and was not read (50.0 MB)" in words(rc)
    assert board.draft.value is WHATIF


# -- the data -------------------------------------------------------------------------------------


def test_tables_are_made_when_they_are_asked_for(page):
    asked = []

    def csv():
        asked.append(True)
        return {"arrivals.csv": "date,é\n1,2\n", "deaths.csv": "date,value\n1,0\n"}

    rc = page(csv)
    assert asked == []
    assert list(downloads(rc)) == ["b-more-b.toml"]
    button(rc, "Make the tables").click()
    assert asked == [True]
    assert taken(rc, "arrivals.csv").decode("utf-8-sig") == "date,é\n1,2\n"
    with zipfile.ZipFile(io.BytesIO(taken(rc, "charts.zip"))) as archive:
        assert archive.namelist() == ["arrivals.csv", "deaths.csv"]
        assert archive.read("deaths.csv").decode("utf-8-sig") == "date,value\n1,0\n"
    assert asked == [True]


def test_charts_without_data_and_charts_that_fail_are_told(page):
    rc = page()
    button(rc, "Make the tables").click()
    assert "No chart has data yet" in words(rc)

    def fails():
        raise ValueError("<b>boom</b>")

    rc = page(fails)
    button(rc, "Make the tables").click()
    assert "The data cannot be made now (ValueError: <b>boom</b>)." in words(rc)


def test_tables_of_an_earlier_run_are_told_and_not_kept(render):
    shown = solara.reactive(False)

    @solara.component
    def Shown():  # noqa: N802 (a component)
        TakeAway(lambda: {"a.csv": "x\n"}, shown.value)

    rc = render(Shown())
    button(rc, "Make the tables").click()
    assert "a.csv" in downloads(rc)
    shown.set(True)
    assert "a.csv" not in downloads(rc)
    assert "They are of the earlier run" in words(rc)
    button(rc, "Make the tables").click()
    assert "a.csv" in downloads(rc)
    shown.set(False)
    assert "a.csv" not in downloads(rc)
