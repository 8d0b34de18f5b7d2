"""A page of text made of sections, such as `docs/validation.md`.

Each section stands between two marks that carry its key. Whoever writes one replaces it whole and
leaves the others as they are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from simulation.errors import InputError
from simulation.experiments.engine.result_folder import reason, write_text
from simulation.report import markdown
from simulation.report.blocks import Section

_INTRODUCTION = """# Why believe it?

What the model was fitted to, how well it foretells what it was not fitted to, and where it does
not. Each section is written by the command it names; nothing here is typed in by hand.
"""
_OPEN, _CLOSE = "<!-- begin: {} -->", "<!-- end: {} -->"


def check_document(page: Path | None, *keys: str) -> None:
    """Refuse a page that cannot take some sections, before anything is run.

    Raises:
        InputError: It is no Markdown, cannot be read or made, or its marks are broken.
    """
    if page is None:
        return
    if page.suffix != ".md":
        raise InputError(
            "not a page of Markdown",
            key="--document",
            value=str(page),
            allowed="a file that ends in .md, such as docs/validation.md",
        )
    for key in keys:
        check_page(page, key)


def check_page(page: Path, key: str) -> str:
    """The text of a page that can take a section; that of a new one if there is none.

    Raises:
        InputError: The page cannot be read or made, or the marks of the section are broken.
    """
    opening, closing = _OPEN.format(key), _CLOSE.format(key)
    begin, end = _alone(opening), _alone(closing)
    try:
        above = next(folder for folder in page.absolute().parents if folder.exists())
        if not above.is_dir():
            raise InputError(f"{above} is not a folder", key="--document", value=str(page))
        held = page.read_text(encoding="utf-8") if page.exists() else _INTRODUCTION
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be read ({reason(error)})", file=page) from error
    begins = [found.start() for found in begin.finditer(held)]
    ends = [found.start() for found in end.finditer(held)]
    if (len(begins), len(ends)) not in ((0, 0), (1, 1)) or begins > ends:
        raise InputError(
            "its marks are broken",
            file=page,
            key=key,
            allowed=f"one {opening} and one {closing} after it, or neither",
        )
    return held


def _alone(mark: str) -> re.Pattern[str]:
    """A mark on a line of its own; within a line it is part of what the section quotes."""
    return re.compile(rf"^[ \t]*{re.escape(mark)}[ \t]*$", re.MULTILINE)


def put_section(page: Path, key: str, text: str) -> None:
    """Put a section into a page, in the place of an earlier one or at its end.

    Raises:
        InputError: The page cannot be read or written, or its marks are broken.
    """
    held = check_page(page, key)
    opening, closing = _OPEN.format(key), _CLOSE.format(key)
    try:
        body = f"{opening}\n{text}{closing}"
        begin, end = _alone(opening).search(held), _alone(closing).search(held)
        if begin and end:
            new = held[: begin.start()] + body + held[end.end() :]
        else:
            new = f"{held.rstrip()}\n\n{body}\n"
        page.parent.mkdir(parents=True, exist_ok=True)
        write_text(page, new)
    except OSError as error:
        raise InputError(f"cannot be written ({reason(error)})", file=page) from error


def put_sections(page: Path, parts: Sequence[Section]) -> None:
    """Put sections into a page, and their fan charts into the folder `img` beside it.

    Args:
        page: The page.
        parts: The sections; the key of each is that of its place.

    Raises:
        InputError: The page cannot be read or written, or its marks are broken.
    """
    images = page.parent / "img"
    for part in parts:
        put_section(page, part.key, markdown.sections([part], images=f"{images.name}/"))
    try:
        images.mkdir(exist_ok=True)
        markdown.write_fan_charts(images, parts)
    except OSError as error:
        raise InputError(f"cannot be written ({reason(error)})", file=images) from error
