"""Pictures are small, and each is seen on a page; `docs/pictures.py` makes them.

Of those in two schemes of colours a page names the light one, and the site shows both.
"""

from __future__ import annotations

import re

from tests.docs.blocks import PAGES, ROOT

IMAGES = ROOT / "docs" / "img"
MOST_BYTES = 150_000


def test_pictures_are_small_and_seen_on_a_page():
    pictures = {path.name: path.stat().st_size for path in IMAGES.glob("*.png")}
    assert len(pictures) >= 7
    assert {name: size for name, size in pictures.items() if size > MOST_BYTES} == {}
    shown = {
        name
        for page in PAGES
        for name in re.findall(r"img/([\w-]+\.png)", page.read_text(encoding="utf-8"))
    }
    dark = {name for name in pictures if name.endswith("-dark.png")}
    assert pictures.keys() - dark <= shown <= pictures.keys()
    assert {name.replace("-dark", "-light") for name in dark} <= shown
