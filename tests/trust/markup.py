"""What a browser makes of a page, and whether anything of a scenario became a part of it."""

from __future__ import annotations

import html
import json
import re
import shlex
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote

#: what plotly.js takes for markup in a text it draws
_DRAWN = re.compile(r"<\s*/?\s*(a|b|br|i|em|s|u|sub|sup|span)\b[^<>]*>", re.IGNORECASE)
#: the markup that our own charts write
_OURS = re.compile(r"</?b>|<br>|</?i>")


class Parts(HTMLParser):
    """The elements of a page, with their attributes, and the text between them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.scripts: list[str] = []
        self.styles: list[str] = []
        self.texts: list[str] = []
        self._inside = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        self._inside = tag
        if tag in ("script", "style"):
            (self.scripts if tag == "script" else self.styles).append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self._inside = ""

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside in ("script", "style"):
            (self.scripts if self._inside == "script" else self.styles)[-1] += data
        else:
            self.texts.append(data)

    def skeleton(self) -> list[tuple[str, tuple[str, ...]]]:
        """Which elements there are in which order, and the names of their attributes."""
        return [(tag, tuple(sorted(attributes))) for tag, attributes in self.tags]

    def figures(self) -> dict[str, dict[str, Any]]:
        """The charts, by the place each is drawn in."""
        scripts = (attributes for tag, attributes in self.tags if tag == "script")
        return {
            attributes["data-figure"]: json.loads(text)
            for attributes, text in zip(scripts, self.scripts, strict=True)
            if "data-figure" in attributes
        }

    def downloads(self) -> dict[str, list[str]]:
        """The lines of the data behind each chart, by the name of the file."""
        return {
            attributes["download"]: unquote(attributes["href"].split(",", 1)[1]).splitlines()
            for tag, attributes in self.tags
            if tag == "a" and "download" in attributes
        }


def injected(page: str | Parts) -> list[str]:
    """What a scenario may have put into a page: elements, attributes, addresses, scripts."""
    parts = Parts(page) if isinstance(page, str) else page
    injections = []
    for tag, attributes in parts.tags:
        if tag in ("img", "iframe", "object", "embed", "form", "input", "base", "button"):
            injections.append(f"<{tag}>")
        for name, value in attributes.items():
            if name.startswith("on") or name in ("srcdoc", "action", "formaction"):
                injections.append(f"<{tag} {name}>")
            address = name in ("href", "src", "xlink:href")
            if address and value and not value.startswith(("#", "data:text/csv", "data:,")):
                injections.append(f"<{tag} {name}={value[:60]}>")
    for text in figure_texts(parts):
        if any(not _OURS.fullmatch(mark[0]) for mark in _DRAWN.finditer(text)):
            injections.append(f"drawn: {text[:80]}")
    return injections


def figure_texts(parts: Parts) -> Iterator[str]:
    """Every text of the figures of a page."""
    yield from _texts(parts.figures())


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)


#: plotly.js in a page
PACKED = re.compile(r'<script type="application/gzip"[^>]*>([A-Za-z0-9+/=]*)</script>')


def fetched(page: str) -> list[str]:
    """The addresses outside of a page that it names, but for those in plotly.js."""
    return re.findall(r"https?:\S*|//cdn|@import|url\(", PACKED.sub("", page))


def commands(page: str) -> list[list[str]]:
    """The command lines of a page as a shell would read them."""
    lines = re.findall(r"<pre><code>(crossings .*?)</code></pre>", page, re.DOTALL)
    return [shlex.split(html.unescape(line)) for line in lines]
