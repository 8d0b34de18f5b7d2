"""Files and links in a browser: what is taken away is what was made, and what is brought is read
with care."""

from __future__ import annotations

import csv
import io
import tomllib
import zipfile

import pytest

from simulation.app.charts import CHARTS
from simulation.scenario import load_scenario
from tests.app import browsing as web

pytestmark = pytest.mark.slow


def set_up(page):
    """A what-if with a title and a change."""
    web.entitle(page, "Serbia & UK: <much> more")
    web.set_level(page)
    web.until(page, lambda: "sharing" in web.whatif(page).data, "the link does not follow")


def notice(page, *parts):
    """Wait for a box that says all of this."""
    boxes = page.locator(".crossings-take-away .v-alert")
    web.until(
        page,
        lambda: any(all(part in said for part in parts) for said in boxes.all_inner_texts()),
        f"{boxes.all_inner_texts()} does not say {parts}",
    )


def taken(page, name):
    """The content of a file that is downloaded."""
    with page.expect_download() as download:
        page.get_by_role("button", name=name, exact=True).click()
    return download.value.suggested_filename, download.value.path().read_bytes()


BAD = {
    "no text": (b"\x89PNG\r\n\x1a\n\x00\xff", ("bad.toml",)),
    "another's file": (b'title = "x"\nextends = "../../etc/passwd"\n', ("extends", "etc/passwd")),
    "no ground": (
        web.BROUGHT.encode() + b'[[operation]]\nauthority="RS"\nstrength=2\nplaces=["calais"]\n',
        ('"calais": not on the ground of RS',),
    ),
    "markup": (b'title = "x"\nextends = "<img src=x onerror=alert(1)>"\n', ("<img src=x",)),
}


def test_what_is_no_scenario_is_refused_in_words_and_what_is_one_is_run(page):
    before = web.link(page)
    for content, said in BAD.values():
        web.bring(page, content, "bad.toml")
        notice(page, "The what-if is as it was.", *said)
        assert web.link(page) == before
        assert "root:" not in page.locator("body").inner_text()
        assert page.locator(".crossings-take-away img").count() == 0
    web.bring_along(page)
    notice(page, "“Brought along” is open.")
    assert web.box(page, "Title of the what-if").locator("input").input_value() == "Brought along"
    assert web.differs(page) == [
        "Sharing between UK and RS rises from low to full from 1 July 2023."
    ]
    web.anew(page, lambda: web.press(page, "Reset"), two=True)
    # the same file again is read again
    web.entitle(page, "Another title")
    web.bring_along(page)


#: what markup would add to; the library of the charts comes where one is seen
PARTS = "img, script:not([src$='/plotly.min.js'])"
MARKUP = "<img src=x onerror=window.taken=1><script>window.taken=1</script>"


@pytest.mark.full
def test_what_a_file_says_is_shown_as_text_and_never_as_markup(page):
    before = page.locator(PARTS).count()
    said = f"{MARKUP} [b]bold[/b] $$x$$ **so**"
    brought = f'description = "{said}"' + web.BROUGHT.replace("Brought along", said)
    web.bring(page, brought.encode(), f"{MARKUP[:22]}.toml")
    web.until(page, lambda: web.whatif(page).title == said, "the title is not taken")
    web.anew(page, lambda: web.press(page, "Reset"), two=True)
    web.step_to(page, "Step a day", 1)
    # the heading of the run, as it was written
    web.until(page, lambda: said in page.locator("body").inner_text(), "the title is not shown")
    assert page.evaluate("window.taken") is None
    assert page.locator("img[src=x], script:has-text('window.taken')").count() == 0
    assert page.locator(PARTS).count() == before


def test_a_file_and_a_link_are_the_what_if_which_somebody_else_opens(page, visit, tmp_path):
    set_up(page)
    name, content = taken(page, "Download the scenario file")
    assert name == "serbia-uk-much-more.toml"
    file = tmp_path / name
    file.write_bytes(content)
    assert load_scenario(file).hash() == web.whatif(page).scenario().hash()
    assert tomllib.loads(content.decode())["title"] == "Serbia & UK: <much> more"
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    web.press(page, "Copy")
    web.until(page, lambda: page.get_by_role("button", name="Copied").count() == 1, "not copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.partition("?")[2] == web.link(page)
    other = visit(f"/?{copied.partition('?')[2]}").page
    web.ready(other, two=True)
    assert web.whatif(other) == web.whatif(page)
    title = web.box(other, "Title of the what-if").locator("input").input_value()
    assert title == "Serbia & UK: <much> more"


@pytest.mark.full
def test_the_tables_behind_the_charts(page):
    web.step_to(page, "Step a week", 7)
    web.step_to(page, "Step a week", 7)
    web.press(page, "Make the tables")
    web.until(
        page, lambda: page.get_by_role("button", name="arrivals.csv").count() == 1, "no table"
    )
    name, content = taken(page, "arrivals.csv")
    assert name == "arrivals.csv"
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert [row["date"] for row in rows] == [f"2023-06-{day:02}" for day in range(1, 15)]
    assert all(float(row["baseline_channel_arrivals"]) >= 0 for row in rows)
    name, content = taken(page, "All of them (ZIP)")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = set(archive.namelist())
        assert names == {f"{spec.key}.csv" for spec in CHARTS if not spec.two}
        countries = archive.read("country.csv").decode("utf-8-sig")
    assert len(countries.splitlines()) == 1 + 14
    web.step_to(page, "Step a day", 1)
    web.press(page, "Make the tables again")
    web.until(
        page, lambda: len(taken(page, "arrivals.csv")[1].splitlines()) == 1 + 15, "no new table"
    )
