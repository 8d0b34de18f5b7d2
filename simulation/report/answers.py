"""The ledger as a page and on a terminal, and two results of one question side by side."""

from __future__ import annotations

from collections.abc import Sequence

from simulation.answers.folders import MovedEffect, TwoVersions
from simulation.answers.ledger import Entry, bases, moved, newest
from simulation.answers.moves import Move, Verdict
from simulation.answers.provenance import Change, Provenance
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
    """The ledger: the newest answers side by side, then every line of each question."""
    if not entries:
        return blocks.Section(LEDGER, "Answers", blocks.paragraphs("The ledger holds no answer."))
    newest_of = {entry.question.name: entry.question for entry in entries}
    parts: list[blocks.Block] = [_side_by_side(entries)]
    for question in newest_of.values():
        parts += [
            blocks.Heading(question.title),
            blocks.Paragraph((
                blocks.Code(question.scenario), " against ", blocks.Code(question.against),
                f": {in_text(question.outcome)}, {question.first} to {question.last}.",
            )),
            _lines([one for one in entries if one.question.name == question.name], entries),
        ]  # fmt: skip
    return blocks.Section(LEDGER, "Answers", parts)


def _side_by_side(entries: Sequence[Entry]) -> blocks.Table:
    columns = bases(entries)
    rows = []
    for question in {entry.question.name: entry.question for entry in entries}.values():
        cells: list[blocks.Cell | blocks.Text] = []
        for basis in columns:
            one = newest(entries, question.name, basis)
            cells.append(blocks.Cell(quoting.NO_VALUE) if one is None else _answer(one))
        rows.append(blocks.Row(question.title, cells))
    titles = [blocks.word_column(_basis(one)) for one in columns]
    return blocks.Table(["question", *titles], rows)


def _basis(basis: str) -> str:
    return "assumptions drawn over their ranges" if basis == "ranges" else basis


def _answer(entry: Entry) -> blocks.Cell:
    """An answer, with how it was made below."""
    provenance = entry.made
    below = f"line {entry.line}, {provenance.pairs} pairs at {provenance.scale:g}"
    effect, outcome = entry.effect, entry.question.outcome
    return blocks.Cell(quoting.whole(outcome, effect), [below], strong=effect.is_clear)


def _lines(of: Sequence[Entry], entries: Sequence[Entry]) -> blocks.Table:
    rows = []
    for entry in of:
        provenance, since = _provenance(entry.made), _since(entry, entries)
        cells = [provenance, _answer(entry), since, blocks.Cell(entry.why)]
        rows.append(blocks.Row(entry.added, cells))
    words = ("made with", "answer", "since the line before", "why")
    return blocks.Table(["added", *map(blocks.word_column, words)], rows)


def _provenance(provenance: Provenance) -> blocks.Cell:
    commit = f", commit {provenance.commit[:8]}" if provenance.commit else ""
    below = [f"crossings {provenance.version}{commit}", f"data {provenance.facts['data']}"]
    return blocks.Cell(_basis(provenance.basis), below)


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
