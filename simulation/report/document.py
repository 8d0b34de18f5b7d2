"""A page of text made of sections, such as `docs/validation.md`, and those no command writes.

Each section stands between two marks that carry its key. Whoever writes one replaces it whole and
leaves the others as they are.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from simulation.engine.arguments import SCALE
from simulation.engine.result_folder import reason
from simulation.errors import FatalError, InputError
from simulation.regular_files import write_text
from simulation.report import blocks, markdown

_INTRODUCTION = """# Why believe it?

What the model was fitted to, how well it foretells what it was not fitted to, and where it does
not. Each section is written by the command it names; nothing here is typed in by hand.
"""
_OPEN, _CLOSE = "<!-- begin: {} -->", "<!-- end: {} -->"
#: the section with the results of all others, and a line of it with the key of its section
SHORT = "in-short"
_RESULT = re.compile(r"^(- .*) <!-- (\S+) -->$", re.MULTILINE)


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


def check_page(page: Path, key: str) -> tuple[str, str, str]:
    """The text of a page around a section, and the section; of a new one if there is none.

    Raises:
        InputError: The page cannot be read or made, or the marks of the section are broken.
    """
    try:
        above = next(folder for folder in page.absolute().parents if folder.exists())
        if not above.is_dir():
            raise InputError(f"{above} is not a folder", key="--document", value=str(page))
        held = page.read_text(encoding="utf-8") if page.exists() else _INTRODUCTION
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be read ({reason(error)})", file=page) from error
    opening, closing = _OPEN.format(key), _CLOSE.format(key)
    # within a line, a mark is part of what the section quotes
    parts = re.split(rf"^[ \t]*(?:{opening}|{closing})[ \t]*\n?", held, flags=re.MULTILINE)
    if len(parts) == 1:
        return f"{held.rstrip()}\n\n", "", ""
    if len(parts) != 3 or held.index(opening) > held.index(closing):
        raise InputError(
            "its marks are broken",
            file=page,
            key=key,
            allowed=f"one {opening} and one {closing} after it, or neither",
        )
    before, section, after = parts
    return before, section, after


def put_sections(page: Path, parts: Sequence[blocks.Section]) -> None:
    """Put sections into a page by their keys, and their fan charts into the folder `img` beside it.

    Raises:
        InputError: The page cannot be read or written, or its marks are broken.
    """
    images = page.parent / "img"
    try:
        images.mkdir(parents=True, exist_ok=True)
        _put_short(page, parts)
        for part in parts:
            _put(page, part.key, markdown.sections([part], images=f"{images.name}/"))
        markdown.write_fan_charts(images, parts)
    except OSError as error:
        raise InputError(f"cannot be written ({reason(error)})", file=page) from error


def _put(page: Path, key: str, text: str) -> None:
    """Put a section into a page, in the place of an earlier one or at its end."""
    before, _, after = check_page(page, key)
    write_text(page, f"{before}{_OPEN.format(key)}\n{text}{_CLOSE.format(key)}\n{after}")


def _put_short(page: Path, parts: Sequence[blocks.Section]) -> None:
    """Put the results of sections in a few sentences into the first section of a page.

    The results of other sections stay. New ones stand at the end.
    """
    _, section, _ = check_page(page, SHORT)
    results = {key: line for line, key in _RESULT.findall(section)}
    new = {part.key: f"- **{part.title}.** {part.short}" for part in parts if part.short}
    if new:
        lines = (f"{line} <!-- {key} -->\n" for key, line in {**results, **new}.items())
        _put(page, SHORT, f"## In short\n\n{''.join(lines)}")


def write_from_runs(
    keys: Sequence[str],
    sections: Callable[[int, float, int], Sequence[blocks.Section]],
    sets: int,
    scale: float,
) -> None:
    """Read a command line, make sections from runs, and print them or put them into a page.

    Args:
        keys: Of the sections.
        sections: Makes them of so many sets of assumptions, at a scale, in so many processes.
        sets: Default number of sets of assumptions.
        scale: Default share of the people simulated.
    """
    parser = argparse.ArgumentParser(description=f"Write the sections {' and '.join(keys)}.")
    parser.add_argument("--sets", type=int, default=sets, help="sets of assumptions, one seed each")
    parser.add_argument("--scale", type=float, default=scale)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--document", type=Path, help="page whose sections are replaced")
    asked = parser.parse_args()
    for name, value in (("sets", asked.sets), ("workers", asked.workers)):
        if value < 1:
            parser.error(f"--{name}: too few (given: {value}; allowed: 1 or more)")
    try:
        SCALE.check(asked.scale)
        check_document(asked.document, *keys)  # now, and not after hours of runs
        parts = sections(asked.sets, asked.scale, asked.workers)
    except (InputError, FatalError, OSError) as error:
        parser.error(str(error))
    print(markdown.sections(parts))
    if asked.document is not None:
        put_sections(asked.document, parts)
