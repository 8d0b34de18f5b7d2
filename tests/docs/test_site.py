"""The pages become a site without a warning, and it asks nobody else.

Sphinx warns of a page that is not in the contents, and of a link or an anchor that leads nowhere.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

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
    """What a page loads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.loads += [given[name] for at, name in LOADED if at == tag and name in given]
        if tag == "link" and not NOT_LOADED & set(given.get("rel", "").split()):
            self.loads.append(given.get("href", ""))
        self.loads += elsewhere_in_style(given.get("style", ""))


def elsewhere_in_style(text: str) -> list[str]:
    """Addresses that a style sheet loads."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    addresses = re.findall(r"url\(\s*['\"]?([^'\")]+)", text)
    return addresses + re.findall(r"@import\s+['\"]([^'\"]+)", text)


def is_elsewhere(address: str) -> bool:
    """Whether an address is that of another host."""
    return address.startswith("//") or urlsplit(address).scheme not in ("", "data")


def test_the_command_is_the_one_on_a_page():
    shells = [block for block in all_blocks() if block.language == "sh"]
    assert COMMAND in {command for block in shells for command in commands(block.body)}


@pytest.mark.slow
@pytest.mark.full
def test_the_site_is_built_without_a_warning_and_asks_no_other_host(tmp_path):
    """From a copy of the pages, as the command on the page says."""
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    builder = Path(sys.executable).parent / "sphinx-build"
    done = subprocess.run(
        [str(builder), *COMMAND.partition(" sphinx-build ")[2].split()],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    site = tmp_path / "build" / "site"
    written = {path.stem for path in (ROOT / "docs").glob("*.md")}
    assert written <= {path.stem for path in site.glob("*.html")}
    pages = {path.name: Page(path.read_text(encoding="utf-8")) for path in site.rglob("*.html")}
    asked = [(name, at) for name, page in pages.items() for at in page.loads]
    for path in site.rglob("*.css"):
        styles = elsewhere_in_style(path.read_text(encoding="utf-8"))
        asked += [(path.name, at) for at in styles]
    assert [(name, at) for name, at in asked if is_elsewhere(at)] == []
    for path in site.rglob("*.js"):
        text = path.read_text(encoding="utf-8")
        assert re.findall(r"(?:fetch|import|open)\(\s*[`'\"](https?:|//)", text) == [], path.name
