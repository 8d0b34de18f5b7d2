"""A page of text made of sections, such as `docs/validation.md`, and those no command writes.

Each section stands between two marks that carry its key. Whoever writes one replaces it whole and
leaves the others as they are.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from simulation.errors import InputError
from simulation.experiments.arguments import SCALE
from simulation.experiments.engine.result_folder import reason
from simulation.regular_files import write_text
from simulation.report import blocks, markdown
from simulation.validation.published import PublishedEstimate, Verdict, published

if TYPE_CHECKING:
    from simulation.validation.natural import NaturalExperiment, Reading


NATURAL, FACTS = "natural-experiments", "stylised-facts"
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


def put_sections(page: Path, parts: Sequence[blocks.Section]) -> None:
    """Put sections into a page by their keys, and their fan charts into the folder `img` beside it.

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


@dataclass(frozen=True)
class Asked:
    """What a program that writes a section runs: seeds, agents per person, and processes."""

    seeds: Sequence[int]
    scale: float
    workers: int


def write_from_runs(
    key: str, section: Callable[[Asked], blocks.Section], seeds: int, scale: float
) -> None:
    """Read a command line, make a section from runs, and print it or put it into a page."""
    parser = argparse.ArgumentParser(description=f"Write the section {key}.")
    parser.add_argument("--seeds", type=int, default=seeds)
    parser.add_argument("--scale", type=float, default=scale)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--document", type=Path, help="page whose section is replaced")
    asked = parser.parse_args()
    for name, value in (("seeds", asked.seeds), ("workers", asked.workers)):
        if value < 1:
            parser.error(f"--{name}: too few (given: {value}; allowed: 1 or more)")
    try:
        SCALE.check(asked.scale)
        check_document(asked.document, key)
    except InputError as error:  # now, and not after hours of runs
        parser.error(str(error))
    made = section(Asked(range(1, asked.seeds + 1), asked.scale, asked.workers))
    print(markdown.sections([made]))
    if asked.document is not None:
        put_sections(asked.document, [made])


def natural_section(
    found: Sequence[tuple[NaturalExperiment, Sequence[Reading]]], seeds: int, scale: float
) -> blocks.Section:
    """The natural experiments, each with what was read from its pairs of runs."""
    parts = blocks.paragraphs(
        _made_by("natural"),
        f"Means of {seeds} pairs of runs with the same seeds, {scale:.0%} of the people; in "
        "brackets 90% intervals of the paired difference, which hold chance only. The strength "
        "of each event is an assumption unless the scenario names its source. A band that "
        "holds says that the mechanism can do this, not that it must.",
    )
    for one, readings in found:
        note = f". {one.note}".rstrip()
        parts += [
            blocks.Heading(one.title),
            blocks.Paragraph((blocks.Code(one.event), " against ", blocks.Code(one.without), note)),
            _table(("found", "band", ""), [_reading_row(reading) for reading in readings]),
        ]
    return blocks.Section(NATURAL, "Natural experiments", parts)


def facts_section(
    readings: Mapping[str, Mapping[str, PublishedEstimate]],
    seeds: int,
    scale: float,
    options: Sequence[str],
) -> blocks.Section:
    """The stylised facts: each figure read from the runs, with its band and its verdict."""
    counts = dict.fromkeys(Verdict, 0)
    each: list[blocks.Block] = []
    for key, fact in published()[1].items():
        rows = []
        for name, figure in fact.figures.items():
            found = readings[key][name]
            verdict = figure.judge(found)
            counts[verdict] += 1
            cells = [figure.shown(found), figure.band, figure.evidence]
            last = blocks.Cell(str(verdict), strong=verdict is Verdict.FAILS)
            rows.append(blocks.Row(figure.what, [*cells, last]))
        each += [
            blocks.Heading(fact.title),
            blocks.Paragraph(blocks.marked(fact.run)),
            blocks.Paragraph(blocks.marked(f"Published: {fact.source}.")),
            _table(("found", "band", "evidence", "verdict"), rows),
        ]
    judged = sum(counts.values()) - counts[Verdict.REPORTED]
    texts: list[blocks.Text] = [
        _made_by("facts", *options),
        "These facts test mechanisms: how prices answer scarcity, how fast networks heal, how many "
        "cases there are. Where a fit has used one, or a record was set with one in sight, the "
        "fact says so.",
        "A fact that fails is a finding about the model: where it cannot be trusted, and what to "
        "mend next. No effect of a policy is a target. "
        f"Of {judged} figures, {counts[Verdict.HOLDS]} hold, {counts[Verdict.FAILS]} do not hold, "
        f"and {counts[Verdict.UNDECIDED]} cannot be decided.",
        blocks.marked(
            f"Means of {seeds} seeds at the recorded assumptions, {scale:.0%} of the people; in "
            "brackets 90% intervals of the mean, which hold chance only. A figure *holds* if the "
            "whole interval lies in its band, and *does not hold* if all of it lies outside. "
            "Levels of people are scaled back; below 30% of the people they depend on the scale."
        ),
        blocks.marked(
            "*Evidence* gives the rows of the project's collection and how far each is trusted: P, "
            "an official figure; S, research; N, press, also of official figures; D, derived from "
            "such figures."
        ),
    ]
    events = (
        "Evidence F4-F10 (trust P, D). These are ",
        blocks.Link("natural experiments", f"#{NATURAL}"),
        " on this page, with their bands, and are not run twice.",
    )
    head = blocks.Heading("Serbian operation, visas, Albania")
    parts = [*blocks.paragraphs(*texts), *each, head, blocks.Paragraph(events)]
    return blocks.Section(FACTS, "Stylised facts", parts)


def _made_by(module: str, *options: str) -> blocks.Text:
    command = blocks.Code(f"python -m simulation.validation.{module} --document docs/validation.md")
    given = blocks.marked(" and ".join(f"`{option}`" for option in options))
    return ("Made by ", command, *([" with ", *given] if given else []), ".")


def _table(headings: Sequence[str], rows: Sequence[blocks.Row]) -> blocks.Table:
    return blocks.Table(["what", *(blocks.word_column(title) for title in headings)], rows)


def _reading_row(one: Reading) -> blocks.Row:
    verdict = "reported" if one.holds is None else "pass" if one.holds else "fail"
    last = blocks.Cell(verdict, strong=one.holds is False)
    return blocks.Row(one.what, [one.found, one.band, last])
