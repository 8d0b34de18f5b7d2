"""Ask the shipped questions: each is a comparison, as `crossings compare` makes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from simulation.answers.folders import read_comparison
from simulation.answers.ledger import Entry, Question, add_lines, questions, read_ledger
from simulation.corridor.in_use import in_use
from simulation.engine.arguments import PAIRS, WHY
from simulation.engine.options import Options
from simulation.engine.progress import Progress
from simulation.engine.trials import Assumptions, fitted_hash
from simulation.errors import InputError
from simulation.source_hash import model_hash
from simulation.studies.compare import Compare, Precision
from simulation.studies.study import conduct

#: where the comparisons of the ledger are written
RESULTS = Path("results/ledger")
#: letters of a reason
_MOST_WHY = 300
_A_REASON = f"a sentence on one line, of at most {_MOST_WHY} letters"
#: assumptions that each question is asked under, unless one of them is named
BOTH: tuple[Assumptions, ...] = ("ranges", "fitted")


def asked_under(
    assumptions: Assumptions | None, ensemble: object | None
) -> tuple[Assumptions, ...]:
    """The assumptions that each question is asked under.

    Args:
        assumptions: Those that were named; None for none.
        ensemble: The ensemble that was named, which asks for fitted sets.
    """
    if assumptions is not None:
        return (assumptions,)
    return BOTH if ensemble is None else ("fitted",)


def ask(
    why: str,
    asked: Sequence[str],
    options: Options,
    under: Sequence[Assumptions],
    pairs: int,
    *,
    command: str = "",
    progress: Callable[[Progress], None] | None = None,
    simulate: Callable[..., Any] | None = None,
) -> list[Entry]:
    """Ask questions and add their answers to the ledger.

    Args:
        why: Why they are asked anew, and why answers move.
        asked: Names of questions; all when empty.
        options: What every experiment can be asked. `assumptions` is that of `under`; `out` is the
            folder that the comparisons are written below.
        under: Assumptions that each question is asked under.
        pairs: Pairs of runs.
        command: Command that makes the answers again.
        progress: Called as runs go on.
        simulate: Stands in for the model.

    Returns:
        The lines that were added.

    Raises:
        InputError: An argument cannot be used, the ledger was edited, it holds the answer already,
            or figures of a user are in use. Nothing is added.
        Interrupted: Ctrl-C; finished runs are kept, and nothing is added.
    """
    PAIRS.check(pairs)
    if not why.strip() or not why.isprintable() or len(why) > _MOST_WHY:
        raise InputError("no reason", key=WHY.option, value=why, allowed=_A_REASON)
    if in_use().users:
        problem = "your own figures are in use, and the ledger is of those of the package"
        raise InputError(problem, key="CROSSINGS_DATA", allowed="the name of an empty folder")
    ledger = read_ledger()
    pending = [(one, assumptions) for one in questions(asked) for assumptions in under]
    for question, assumptions in pending:
        _check_new(question, assumptions, options, pairs, ledger)
    added = []
    for question, assumptions in pending:
        baseline, scenario = question.sides
        done = conduct(
            Compare(baseline, [scenario], Precision(replications=pairs)),
            replace(
                options,
                assumptions=assumptions,
                results=options.out or RESULTS,
                out=None,
                announce=None,
            ),
            command=command,
            progress=progress,
            simulate=simulate,
        )
        provenance, findings = read_comparison(done.folder)
        effect = findings.scenarios[0].effect(question.outcome)
        today = date.today().isoformat()
        added.append(
            Entry(line=0, added=today, why=why, question=question, made=provenance, effect=effect)
        )
    add_lines(added)
    return read_ledger()[-len(added) :]


def _check_new(
    question: Question,
    assumptions: Assumptions,
    options: Options,
    pairs: int,
    ledger: Sequence[Entry],
) -> None:
    """Refuse an answer that the ledger holds, and a question that is not what it was."""
    fit = fitted_hash(assumptions, options.ensemble)
    key = (question.name, model_hash(), assumptions, fit, in_use().hash(), options.scale,
           options.seed, pairs)  # fmt: skip
    for entry in ledger:
        if entry.question.name == question.name and not entry.question.asks_the_same(question):
            raise InputError(
                f"asks something else than in line {entry.line} of the ledger",
                key="--question",
                value=question.name,
                allowed="another name for a question that has changed",
            )
        if entry.key == key:
            raise InputError(
                f"line {entry.line} of the ledger holds this answer: same program, assumptions, "
                "data and options",
                key="--question",
                value=question.name,
                allowed="another version, fit, scale, seed or number of pairs",
            )
