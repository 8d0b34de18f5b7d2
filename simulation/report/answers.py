"""The ledger as a page and on a terminal, and two results of one question side by side."""

from __future__ import annotations

from collections.abc import Sequence

from simulation.answers.folders import MovedEffect, TwoVersions
from simulation.answers.ledger import Change, Entry, Move, Verdict, moved
from simulation.outcomes import HEADLINE, OUTCOMES, listing
from simulation.report import blocks
from simulation.wording import quoting
from simulation.wording.differences import HEADLINES
from simulation.wording.verdicts import in_text

#: key of the section of docs/ledger.md that the command writes
LEDGER = "ledger"
#: what differs with every commit and says nothing that another thing does not say
_MINOR = frozenset({"source"})
_INDEPENDENT = (
    "The error of a move takes the two answers for independent. Runs that share seeds make it "
    "smaller than stated."
)


#: verdict on a move -> its words
_VERDICTS: dict[Verdict, str] = {
    "more": "more than its error",
    "within": "within its error",
    "unknown": "too few pairs to say whether that is more than its error",
}

#: the same in a table
_SHORT: dict[Verdict, str] = _VERDICTS | {"unknown": "too few pairs"}


def _shift(outcome: str, move: Move) -> str:
    """How far an answer moved, with its interval."""
    return quoting.shift(outcome, move.difference, move.interval, move.pairs, points=move.points)


# -- the ledger ------------------------------------------------------------------------------------


def ledger_section(entries: Sequence[Entry]) -> blocks.Section:
    """The ledger: every answer to each question, and how far it moved from the one before."""
    newest_of = {entry.question.name: entry.question for entry in entries}
    parts: list[blocks.Block] = []
    for question in newest_of.values():
        parts += [
            blocks.Heading(question.title),
            blocks.Paragraph((
                blocks.Code(question.scenario), " against ", blocks.Code(question.against),
                f": {in_text(question.outcome)}, {question.first} to {question.last}.",
            )),
            _lines([one for one in entries if one.question.name == question.name], entries),
        ]  # fmt: skip
    empty = blocks.paragraphs("The ledger holds no answer.")
    return blocks.Section(LEDGER, "Answers", parts or empty)


def _lines(of: Sequence[Entry], entries: Sequence[Entry]) -> blocks.Table:
    rows = [
        blocks.Row(entry.added, [*_answer(entry), _since(entry, entries), entry.why])
        for entry in of
    ]
    words = ("assumptions", "answer", "moved since the line before", "why")
    return blocks.Table(["added", *map(blocks.word_column, words)], rows)


def _answer(entry: Entry) -> list[blocks.Cell]:
    """What an answer was made with, and the answer."""
    made, effect = entry.made, entry.effect
    basis = "drawn over their ranges" if made.basis == "ranges" else made.basis
    below = [f"crossings {made.version}", f"data {made.facts['data']}"]
    size = f"{made.pairs} pairs at {made.scale:g}"
    answer = quoting.whole(entry.question.outcome, effect)
    return [blocks.Cell(basis, below), blocks.Cell(answer, [size], strong=effect.is_clear)]


def _since(entry: Entry, entries: Sequence[Entry]) -> blocks.Cell:
    """How an answer moved since the line before of the same kind, and what differs."""
    moves = moved(entry, entries)
    if moves is None:
        return blocks.Cell("first line")
    move, changes = moves
    differ = [change.what for change in changes if change.what not in _MINOR]
    below = [_VERDICTS[move.verdict], *([f"differs in {listing(differ)}"] if differ else [])]
    return blocks.Cell(_shift(entry.question.outcome, move), below, strong=move.verdict == "more")


# -- two folders -----------------------------------------------------------------------------------


def versions_blocks(versions: TwoVersions) -> list[blocks.Block]:
    """The differences between two comparisons of one question, and how each answer moved."""
    parts: list[blocks.Block] = [_changes_table(versions.changes)]
    for title in dict.fromkeys(one.scenario for one in versions.moves):
        of = [one for one in versions.moves if one.scenario == title and one.period == "run"]
        headline = next(one for one in of if one.outcome == HEADLINE)
        parts += [
            blocks.Paragraph(f"“{title}” against “{versions.baseline}”: {_sentence(headline)}",
                             "strong"),
            _moves_table(of, versions),
        ]  # fmt: skip
    return [*parts, blocks.Paragraph(_INDEPENDENT, "note")]


def _sentence(one: MovedEffect) -> str:
    """How the headline moved, in a sentence."""
    shift, word = _shift(one.outcome, one.move), _VERDICTS[one.move.verdict]
    return f"the effect on {in_text(one.outcome)} moved by {shift}: {word}."


def _changes_table(changes: Sequence[Change]) -> blocks.Block:
    if not changes:
        return blocks.Paragraph("Both were made with the same program, fit, data and options.")
    rows = [blocks.Row(one.what, [one.old or "-", one.new or "-"]) for one in changes]
    return blocks.Table(["differs in", blocks.word_column("old"), blocks.word_column("new")], rows)


def _moves_table(of: Sequence[MovedEffect], versions: TwoVersions) -> blocks.Table:
    rows = []
    for one in of:
        if one.move.difference is None and one.move.interval is None:
            continue
        old, new = (quoting.whole(one.outcome, each) for each in (one.old, one.new))
        shift, word = _shift(one.outcome, one.move), one.move.verdict
        cells: list[blocks.Cell | blocks.Text] = [
            old, new, blocks.Cell(shift, [_SHORT[word]], strong=word == "more"),
        ]  # fmt: skip
        label = OUTCOMES[one.outcome].label
        rows.append(blocks.Row(label, cells, role="first" if one.outcome in HEADLINES else ""))
    titles = (f"old, with {versions.coverage:.0%} interval", "new", "moved")
    return blocks.Table(["whole run", *map(blocks.word_column, titles)], rows)
