"""The ledger of answers, and two results of one question by different versions, fits or data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from simulation.api.asking import (
    Call,
    ExperimentOptions,
    command_of,
    declared,
    python_errors,
    read_arguments,
)
from simulation.outcomes import OUTCOMES

if TYPE_CHECKING:
    import pandas as pd

    from simulation.answers.ledger import Entry
    from simulation.engine.findings import Effect


def ledger() -> pd.DataFrame:
    """The answers to the shipped questions by version, fit and data: `crossings results ledger`.

    Returns:
        A row for each line: `line`, `added`, `why`, the question (`question`, `title`, `scenario`,
        `against`, `outcome`, `first`, `last`), what it was made with (`version`, `commit`, `model`,
        `assumptions`, `ensemble`, `window`, `data`, `published`, `scale`, `seed`, `pairs`), and the
        answer: `mean_difference` with `mean_low` and `mean_high` in the unit of the outcome,
        `mean_percent` with `mean_percent_low` and `mean_percent_high` (NaN where none is stated),
        `quote` as in `ComparisonResults.differences`, and `detectable`.

    Raises:
        InputError: The ledger cannot be read.
    """
    from simulation.answers.ledger import read_ledger

    with python_errors():
        return _table(read_ledger())


@declared("results ledger add")
def add_to_ledger(
    why: str,
    *,
    question: str | Sequence[str] = (),
    replications: int = 24,
    **options: Unpack[ExperimentOptions],
) -> pd.DataFrame:
    """Ask the shipped questions and add their answers to the ledger.

    Returns:
        The lines that were added, as `ledger` gives them.

    Raises:
        InputError: An argument cannot be used, or the ledger holds the answers already.
        Interrupted: Ctrl-C (a KeyboardInterrupt); what was finished is kept, and nothing is added.
    """
    from simulation.answers.asking import ask, asked_under

    with python_errors():
        asked = read_arguments("results ledger add", {**locals(), **options})
        under = asked_under(asked["assumptions"], asked["ensemble"])
        how, rest = Call("results ledger add", asked, Path()).options(days=None)
        added = ask(
            rest["why"], rest["question"], replace(how, out=asked["out"]), under,
            rest["replications"], command=command_of("results ledger add", [], asked),
            progress=options.get("progress"),
        )  # fmt: skip
        return _table(added)


def _table(entries: Sequence[Entry]) -> pd.DataFrame:
    import pandas as pd

    columns = ("version", "commit", "model", "assumptions", "ensemble", "window", "data",
               "published", "scale", "seed", "pairs")  # fmt: skip
    asked = ("title", "scenario", "against", "outcome", "first", "last")
    return pd.DataFrame([
        {
            "line": one.line,
            "added": one.added,
            "why": one.why,
            "question": one.question.name,
            **{name: getattr(one.question, name) for name in asked},
            **{name: getattr(one.made, name) for name in columns},
            **_numbers(one.question.outcome, one.effect),
        }
        for one in entries
    ])  # fmt: skip


def _numbers(outcome: str, effect: Effect) -> dict[str, object]:
    """An effect as it may be quoted: of what has a range only, no single number."""
    quote = OUTCOMES[outcome].quote
    shown = effect.ranges_only() if quote == "range" else effect
    names = (
        "mean_difference",
        "mean_low",
        "mean_high",
        "mean_percent",
        "mean_percent_low",
        "mean_percent_high",
    )
    return {"quote": quote, **{name: getattr(shown, name) for name in names},
            "detectable": effect.detectable}  # fmt: skip


@dataclass(frozen=True, eq=False)
class VersionsResults:
    """What `simulation.compare_versions` gives.

    Attributes:
        changes: What differs: `what`, and what it was in the `old` and in the `new` folder.
        moves: A row for each `scenario`, `period` and `outcome` that both have: `quote`, `points`
            (whether it is in percentage points, else in the unit of the outcome), the effects `old`
            and `new`, the `difference` with `low` and `high` of its 90% interval, the smaller
            number of `pairs`, and `verdict` (`more` or `within` its error, or `unknown`). Of deaths
            only `low` and `high` are stated.
    """

    changes: pd.DataFrame
    moves: pd.DataFrame


def compare_versions(old: str | Path, new: str | Path) -> VersionsResults:
    """Compare two results of one question, as `crossings results versions` does.

    Args:
        old: The folder of a comparison.
        new: That of the same comparison by another version, fit, data or options.

    Raises:
        InputError: A folder holds no finished comparison or has changed, or the two answer
            different questions.
    """
    import pandas as pd

    from simulation.answers.folders import compare_folders

    with python_errors():
        both = compare_folders(Path(old), Path(new))
    rows = []
    for one in both.moves:
        effects = {
            side: effect.mean_percent if one.move.points else effect.mean_difference
            for side, effect in (("old", one.old), ("new", one.new))
        }
        named = {"scenario": one.scenario, "period": one.period, "outcome": one.outcome}
        quote = OUTCOMES[one.outcome].quote
        rows.append({**named, "quote": quote, **effects, **one.move.as_json()})
    changes = pd.DataFrame([one._asdict() for one in both.changes], columns=["what", "old", "new"])
    return VersionsResults(changes, pd.DataFrame(rows))
