"""The pages become a site without a warning, its links lead somewhere, and it asks nobody else."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.docs.blocks import ROOT, all_blocks, commands

COMMAND = "uv run --group docs sphinx-build -W docs build/site"
#: attributes that a browser follows by itself
LOADED = {
    ("img", "src"), ("script", "src"), ("iframe", "src"), ("source", "src"), ("source", "srcset"),
    ("video", "src"), ("audio", "src"), ("embed", "src"), ("object", "data"), ("img", "srcset"),
    ("input", "src"), ("use", "href"), ("use", "xlink:href"), ("image", "href"),
    ("form", "action"), ("base", "href"),
}  # fmt: skip
#: what a link of a head tells and is not loaded
NOT_LOADED = {"canonical", "author", "license", "next", "prev", "search", "index", "alternate"}


class Page(HTMLParser):
    """What a page loads, where it leads, and what can be led to in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        self.loads += [given[name] for at, name in LOADED if at == tag and name in given]
        if tag == "link" and not NOT_LOADED & set(given.get("rel", "").split()):
            self.loads.append(given.get("href", ""))
        self.loads += elsewhere_in_style(given.get("style", ""))


def elsewhere_in_style(text: str) -> list[str]:
    """Addresses that a style sheet loads."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    found = re.findall(r"url\(\s*['\"]?([^'\")]+)", text)
    return found + re.findall(r"@import\s+['\"]([^'\"]+)", text)


def is_elsewhere(address: str) -> bool:
    """Whether an address is that of another host."""
    return address.startswith("//") or urlsplit(address).scheme not in ("", "data")


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """The site, built from a copy of the pages as the command on the page says."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copytree(ROOT / "docs", folder / "docs")
    done = subprocess.run(
        [
            str(Path(sys.executable).parent / "sphinx-build"),
            *COMMAND.partition(" sphinx-build ")[2].split(),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder / "build" / "site"


@pytest.fixture(scope="module")
def pages(site) -> dict[Path, Page]:
    found = sorted(site.rglob("*.html"))
    return {path: Page(path.read_text(encoding="utf-8")) for path in found}


def test_the_command_is_the_one_on_a_page():
    typed = {
        command
        for block in all_blocks()
        if block.language == "sh"
        for command in commands(block.body)
    }
    assert COMMAND in typed


@pytest.mark.slow
def test_every_page_is_there(site):
    written = {path.stem for path in (ROOT / "docs").glob("*.md")}
    assert written <= {path.stem for path in site.glob("*.html")}


@pytest.mark.slow
def test_every_page_is_in_the_contents(site, pages):
    shown = {urlsplit(link).path for link in pages[site / "index.html"].links}
    written = {f"{path.stem}.html" for path in (ROOT / "docs").glob("*.md")} - {"index.html"}
    assert written <= shown


def broken(path: Path, page: Page, pages: dict[Path, Page]) -> list[str]:
    """Links of a page that lead nowhere on the site."""
    found = []
    for link in page.links:
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        if target.is_dir():
            target /= "index.html"
        anchor = unquote(parts.fragment)
        known = pages.get(target)
        if not target.exists() or (anchor and known is not None and anchor not in known.anchors):
            found.append(link)
    return found


@pytest.mark.slow
def test_links_and_anchors_lead_somewhere(pages):
    found = {path.name: broken(path, page, pages) for path, page in pages.items()}
    assert {name: links for name, links in found.items() if links} == {}
    assert sum(len(page.links) for page in pages.values()) > 500


@pytest.mark.slow
def test_no_page_asks_another_host(site, pages):
    loads = {path.name: [a for a in page.loads if is_elsewhere(a)] for path, page in pages.items()}
    assert {name: found for name, found in loads.items() if found} == {}
    for path in site.rglob("*.css"):
        asked = elsewhere_in_style(path.read_text(encoding="utf-8"))
        assert [address for address in asked if is_elsewhere(address)] == [], path.name
    for path in site.rglob("*.js"):
        text = path.read_text(encoding="utf-8")
        asked = re.findall(r"(?:fetch|import|open)\(\s*[`'\"](https?:|//)", text)
        assert asked == [], path.name


def test_a_page_that_asks_another_host_is_seen(tmp_path):
    page = Page(
        '<link rel="stylesheet" href="https://fonts.example/a.css">'
        '<script src="//cdn.example/a.js"></script>'
        '<link rel="canonical" href="https://example.org"><img src="img/a.svg">'
        '<p id="here" style="background: url(https://example.org/a.png)"><a href="#gone">'
    )
    assert [address for address in page.loads if is_elsewhere(address)] == [
        "https://fonts.example/a.css",
        "//cdn.example/a.js",
        "https://example.org/a.png",
    ]
    assert elsewhere_in_style("@import 'https://example.org/a.css';") == [
        "https://example.org/a.css"
    ]
    path = tmp_path / "a.html"
    path.touch()
    assert broken(path, page, {path: page}) == ["#gone"]
