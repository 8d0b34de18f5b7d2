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
from simulation.scenario.files import MAXIMUM_BYTES
from tests.app.browsing import (
    SHORT,
    anew,
    box,
    link,
    made,
    press,
    ready,
    step_to,
    until,
    write,
)

pytestmark = pytest.mark.slow
GOOD = SHORT.replace("A short run", "Brought along") + (
    '[[sharing]]\nbetween = ["UK", "RS"]\nlevel = "full"\nfrom = 2023-07-01\n'
)


def set_up(page):
    """A what-if with a title and a change."""
    ready(page)
    write(page, "Title of the what-if", "Serbia & UK: <much> more")
    until(page, lambda: "Serbia" in made(page).title, "the title is not taken")
    page.locator(".sharing-matrix [aria-label^='Sharing between Serbia and UK']").click()
    page.locator("[data-level=high]").click()
    until(page, lambda: "sharing" in made(page).data, "the level is not taken")


def bring(page, name, content):
    """Open a file as a visitor does."""
    with page.expect_file_chooser() as chooser:
        press(page, "Open a file")
    chooser.value.set_files({"name": name, "mimeType": "text/plain", "buffer": content})


def notice(page, *parts):
    """Wait for a box that says all of this."""
    boxes = page.locator(".crossings-take-away .v-alert")
    until(
        page,
        lambda: any(all(part in said for part in parts) for said in boxes.all_inner_texts()),
        f"{boxes.all_inner_texts()} does not say {parts}",
    )


def taken(page, name):
    """The content of a file that is downloaded."""
    with page.expect_download() as download:
        page.get_by_role("button", name=name, exact=True).click()
    return download.value.suggested_filename, download.value.path().read_bytes()


def test_the_scenario_file_is_the_whatif(page, tmp_path):
    set_up(page)
    name, content = taken(page, "Download the scenario file")
    assert name == "serbia-uk-much-more.toml"
    file = tmp_path / name
    file.write_bytes(content)
    assert load_scenario(file).hash() == made(page).scenario().hash()
    found = tomllib.loads(content.decode())
    assert found["title"] == "Serbia & UK: <much> more"
    assert found["sharing"][0]["between"] == ["UK", "RS"]


def test_a_file_is_brought_and_run(page):
    ready(page)
    bring(page, "brought.toml", GOOD.encode())
    notice(page, "“Brought along” is open.")
    until(page, lambda: made(page).title == "Brought along", "the link is not of it")
    assert box(page, "Title of the what-if").locator("input").input_value() == "Brought along"
    differs = page.locator("section[aria-label='What differs from the baseline'] li")
    assert differs.all_inner_texts() == [
        "Sharing between UK and RS rises from low to full from 1 July 2023."
    ]
    anew(page, lambda: press(page, "Reset"), two=True)
    # the same file again is read again
    write(page, "Title of the what-if", "Another title")
    until(page, lambda: made(page).title == "Another title", "the title is not taken")
    bring(page, "brought.toml", GOOD.encode())
    until(page, lambda: made(page).title == "Brought along", "it is not read again")


BAD = {
    "no text": (b"\x89PNG\r\n\x1a\n\x00\xff", ("bad.toml",)),
    "no scenario": (b'title = "Half', ("bad.toml",)),
    "unknown key": (GOOD.encode() + b"\n[people]\nmany = 3\n", ("people",)),
    "another's file": (b'title = "x"\nextends = "../../etc/passwd"\n', ("extends", "etc/passwd")),
    "absolute": (b'title = "x"\nextends = "/etc/passwd"\n', ("extends", "/etc/passwd")),
    "no ground": (
        GOOD.encode() + b'[[operation]]\nauthority="RS"\nstrength=2\nplaces=["calais"]\n',
        ('"calais": not on the ground of RS',),
    ),
    "markup": (b'title = "x"\nextends = "<img src=x onerror=alert(1)>"\n', ("<img src=x",)),
}


@pytest.mark.parametrize("which", BAD)
def test_what_is_no_scenario_is_refused_in_words(page, which):
    content, said = BAD[which]
    ready(page)
    before = link(page)
    bring(page, "bad.toml", content)
    notice(page, "The what-if is as it was.", *said)
    assert link(page) == before
    assert "root:" not in page.locator("body").inner_text()
    assert page.locator(".crossings-take-away img").count() == 0


MARKUP = "<img src=x onerror=window.taken=1><script>window.taken=1</script>"


def test_what_a_file_says_is_shown_as_text_and_never_as_markup(page):
    ready(page)
    before = page.locator("img, script").count()
    said = f"{MARKUP} [b]bold[/b] $$x$$ **so**"
    brought = f'description = "{said}"' + GOOD.replace("Brought along", said)
    bring(page, f"{MARKUP[:22]}.toml", brought.encode())
    until(page, lambda: made(page).title == said, "the title is not taken")
    anew(page, lambda: press(page, "Reset"), two=True)
    step_to(page, "Step a day", 1)
    # the heading of the run, as it was written
    until(page, lambda: said in page.locator("body").inner_text(), "the title is not shown")
    assert page.evaluate("window.taken") is None
    assert page.locator("img[src=x], script:has-text('window.taken')").count() == 0
    assert page.locator("img, script").count() == before


def test_a_file_of_50_mb_is_not_read(page, tmp_path):
    ready(page)
    before = link(page)
    large = tmp_path / "large.toml"
    large.write_bytes(b"# " + b"x" * 50_000_000)
    with page.expect_file_chooser() as chooser:
        press(page, "Open a file")
    chooser.value.set_files(large)
    notice(page, "large.toml", "too large for a scenario, and was not read (50.0 MB)")
    assert link(page) == before
    bring(page, "just.toml", GOOD.encode() + b"#" * (MAXIMUM_BYTES - len(GOOD.encode())))
    notice(page, "“Brought along” is open.")


def test_a_link_is_copied_and_opened_by_somebody_else(page, visit):
    set_up(page)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    press(page, "Copy")
    until(page, lambda: page.get_by_role("button", name="Copied").count() == 1, "not copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.partition("?")[2] == link(page)
    other = visit(f"/?{copied.partition('?')[2]}").page
    ready(other, two=True)
    assert made(other) == made(page)
    assert made(other).scenario().hash() == made(page).scenario().hash()
    title = box(other, "Title of the what-if").locator("input").input_value()
    assert title == "Serbia & UK: <much> more"


@pytest.mark.parametrize("how", ["cut", "nonsense", "empty"])
def test_a_damaged_link_is_refused_in_words(page, visit, how):
    ready(page)
    packed = link(page).partition("=")[2]
    text = {"cut": packed[: len(packed) // 2], "nonsense": "%3Cscript%3E", "empty": "AAAA"}[how]
    other = visit(f"/?whatif={text}").page
    said = other.get_by_text("The address of this page cannot be used.")
    until(other, lambda: said.count() == 1, "it is not refused")
    alert = other.locator(".v-alert", has=said).inner_text()
    assert "the address: whatif: damaged or cut short" in alert
    assert "Shown instead: “A short run”." in alert
    ready(other)  # what the server was started with is there instead
    assert made(other).title == "A short run"


def test_the_tables_behind_the_charts(page):
    ready(page)
    step_to(page, "Step a week", 7)
    step_to(page, "Step a week", 7)
    press(page, "Make the tables")
    until(page, lambda: page.get_by_role("button", name="arrivals.csv").count() == 1, "no table")
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
    step_to(page, "Step a day", 1)
    press(page, "Make the tables again")
    page.wait_for_timeout(1_000)
    _, content = taken(page, "arrivals.csv")
    assert len(content.splitlines()) == 1 + 15
