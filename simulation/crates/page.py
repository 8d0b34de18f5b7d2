"""The page of an assurance pack: the answer, then each log, made of blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from simulation.crates.logs import Log, page_text
from simulation.crates.subject import Subject
from simulation.report import blocks
from simulation.report.brief import Brief
from simulation.report.experiment import provenance_facts
from simulation.studies.drivers import FEWEST_SETS

#: rows of a log above which its table is folded
_FOLDED = 30
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


def pack_page(subject: Subject, brief: Brief, logs: Sequence[Log], command: str) -> blocks.Page:
    """The page of the pack of a comparison.

    Args:
        subject: The comparison.
        brief: Its first page.
        logs: Every log.
        command: What makes the result again, within the crate.
    """
    card = [
        ("What it is for", "Differences between policies under written assumptions, with ranges."),
        ("What it is not for", "Forecasts, proof of an effect, and anything about a person."),
        *provenance_facts(subject.manifest).items(),
    ]
    again: list[blocks.Block] = [
        *blocks.paragraphs("In this folder, with the same version of crossings:"),
        blocks.Verbatim(command),
        *blocks.paragraphs("To see whether it gives the same bits:"),
        blocks.Verbatim("crossings verify ."),
    ]
    charts = [f"results/{name}" for name in subject.manifest.pages]
    links = [("Charts and all figures: ", blocks.Link(name, name)) for name in charts]
    question: list[blocks.Block] = [
        brief.beside,
        *blocks.paragraphs(*links),
        blocks.Heading("Why"),
        blocks.Bullets(brief.why),
        blocks.Heading("What would change this answer"),
        blocks.Bullets(brief.changes),
    ]
    limits: list[blocks.Block] = [
        blocks.Bullets(brief.limits),
        *_markdown(page_text("must-not.md")),
    ]
    sections = {log.key: blocks.Section(log.key, log.title, _shown(log)) for log in logs}
    first = sections.pop("who-bears-it")
    sections["assumptions"] = blocks.Section(
        "assumptions", "Assumptions log", [*_undecided(subject), *sections["assumptions"].blocks]
    )
    return blocks.Page(
        title=brief.title,
        kind="Assurance pack",
        headline=brief.answer,
        description="" if len(subject.scenarios) > 2 else subject.scenarios[-1].description,
        basis=" ".join(brief.data[:1]),
        sections=[
            blocks.Section("answer", "The answer and its reasons", question),
            first,
            blocks.Section("limits", "Limits of use", limits),
            *sections.values(),
            blocks.Section("card", "Model card", [blocks.NamedValues(card)]),
            blocks.Section("again", "How to make this again", again),
        ],
    )


def _shown(log: Log) -> list[blocks.Block]:
    """What the log is, the rows to see first, and all of them."""
    parts, whole = blocks.paragraphs(log.about, role="note"), log.table(log.rows)
    if len(log.rows) <= _FOLDED:
        return [*parts, whole]
    first = [log.table([log.rows[number] for number in log.first])] if log.first else []
    summary = f"All {len(log.rows)} rows (also in {log.key}.csv)"
    return [*parts, *first, blocks.Folded(summary, [whole])]


def _undecided(subject: Subject) -> list[blocks.Block]:
    """Of which scenarios the regression names no assumption, and why."""
    lines = []
    for one in subject.findings.scenarios:
        if one.drivers is None:
            why = f"not known with fewer than {FEWEST_SETS} sets of assumptions"
        elif not one.drivers.strongest:
            why = "none goes with the effect more than chance would make it"
        else:
            continue
        lines.append(f"Assumptions that decide the effect of “{one.title}” on arrivals: {why}.")
    return blocks.paragraphs(*lines)


def _markdown(text: str) -> Iterator[blocks.Block]:
    """The blocks of a page of the documentation, without its title and its links."""
    for part in re.split(r"\n\s*\n", text.strip())[1:]:
        words = " ".join(_LINK.sub(r"\1", part).split())
        if words.startswith("## "):
            yield blocks.Heading(words.removeprefix("## "))
        elif words.startswith("- "):
            items = re.split(r"(?:^| )- (?=\S)", words)[1:]
            yield blocks.Bullets([blocks.marked(item) for item in items])
        else:
            yield blocks.Paragraph(blocks.marked(words))
