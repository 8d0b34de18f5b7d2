"""The page on which the app opens: a question, its answer by the library of estimates, choices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import solara
import solara.lab

from simulation.app import board
from simulation.app.choices import can_choose, choose, groups, question, years
from simulation.app.draft import Draft
from simulation.app.notice import Notice
from simulation.engine.findings import Effect
from simulation.errors import InputError
from simulation.estimates.estimate import Estimate, estimate_of, why_none
from simulation.estimates.library import OUTLOOK
from simulation.outcomes import HEADLINE, long_date
from simulation.studies.options import UK_TOTAL
from simulation.wording import differences, quoting, verdicts, worlds
from simulation.wording import estimate as wording
from simulation.wording.quoting import quotable
from simulation.wording.reasons import where_lost

#: outcomes beside arrivals by small boat and all arrivals, in the order of the page
_BESIDE = ("seat_price_eur", "in_transit", "channel_boats")
#: links of the chain that are shown, from what is learnt to who crosses
_LINKS = (
    "facts_delivered", "facts_usable", "cases_opened", "capacity_removed", "capacity_regained",
    "capacity_at_work", "launches_tried", "launches_stopped",
)  # fmt: skip
_TOO_FEW = "too few pairs"


class Answer(NamedTuple):
    """What the page says of a what-if.

    Attributes:
        question: The question.
        estimate: The estimate; None where there is none.
        problem: Why there is none; empty if nothing is asked.
    """

    question: str
    estimate: Estimate | None = None
    problem: str = ""


def answer_of(draft: Draft, checked: board.CheckedWhatIf, period: str) -> Answer:
    """The answer to a what-if, from the packaged libraries.

    Args:
        draft: The what-if.
        checked: It, looked at.
        period: Years, as in `choices.years`.
    """
    asked = question(draft)
    if checked.whatif is None or checked.is_baseline:
        return Answer(asked)
    try:
        if why := why_none(checked.baseline):
            return Answer(asked, problem=f"{why}.")
        return Answer(asked, quotable(estimate_of(checked.whatif, period=period)))
    except InputError as error:
        return Answer(asked, problem=problem_of(error))


def problem_of(error: InputError) -> str:
    """Why there is no estimate."""
    return f"{error.problem.removeprefix('cannot be estimated: ')}."


@solara.lab.computed
def answer() -> Answer:
    """The answer to what the page asks."""
    return answer_of(board.draft.value, board.checked.value, board.years.value)


# -- what is shown ---------------------------------------------------------------------------------


def row(name: str, label: str, entry: Effect) -> dict[str, object]:
    """An effect as a row of a table, and as it is drawn."""
    low, high = entry.interval or (None, None)
    unit = "" if quoting.same(entry.interval) else quoting.unit(name, entry)
    return {
        "name": name,
        "label": label,
        "range": f"{quoting.interval(name, entry)} {unit}".rstrip(),
        "worlds": quoting.plausible_in_unit(name, entry) or _TOO_FEW,
        "drawn": [low, entry.mean_percent, high] if quoting.in_percent(entry) else None,
    }


def headline(estimate: Estimate) -> dict[str, object]:
    """The verdict on all who reach the UK, and what stands above and below it."""
    basis, *lines = wording.answer(estimate)
    return {
        "basis": basis,
        "finding": quoting.sentence_case(verdicts.phrase(UK_TOTAL, estimate.uk_total)),
        "label": "people reaching the UK by boat or lorry",
        "lines": lines,
        "reason": where_lost(estimate),
        "quote": wording.QUOTE,
    }


def tables(estimate: Estimate) -> list[dict[str, object]]:
    """The tables of the page: beside arrivals, by future path, and along the chain."""
    period = estimate.period
    outcomes = {name: (of.label, of.periods[period]) for name, of in estimate.outcomes.items()}
    beside = [
        row(differences.BESIDE, *outcomes[differences.BESIDE]),
        row("uk_total", estimate.uk_total.label, estimate.uk_total),
        *(row(name, *outcomes[name]) for name in _BESIDE),
    ]
    paths = [
        row(HEADLINE, f"{worlds.IF[one.part]} ({one.pairs} pairs)", one.outcomes[HEADLINE])
        for one in estimate.by_path
    ]
    chain = [row(name, of.label, of) for name in _LINKS for of in [estimate.chain[name]]]
    first, last = map(long_date, estimate.days.days)
    return [
        {"title": "What else changes", "note": "", "rows": beside},
        {"title": "Arrivals by how many set out", "note": "", "rows": paths},
        {
            "title": f"Reason: the chain, {first} to {last}",
            "note": "The library has the chain of the whole run only.",
            "rows": chain,
        },
    ]


# -- components ------------------------------------------------------------------------------------


@solara.component_vue("answer_head.vue")
def _Head(
    question: str,
    against: str,
    years: list[dict[str, object]],
    notice: list[str],
    figure: dict[str, object] | None,
    event_set_years: Callable[[str], None],
) -> None:
    """The question, the years, and the large figure."""


@solara.component_vue("answer_tables.vue")
def _Tables(tables: list[dict[str, object]]) -> None:
    """Tables of figures, each row with its range drawn."""


@solara.component_vue("choices.vue")
def _Choices(
    groups: list[dict[str, object]],
    disabled: bool,
    event_choose: Callable[[Mapping[str, Any]], None],
) -> None:
    """Groups of radio buttons."""


@solara.component
def AnswerHead() -> None:
    """The question and its answer, or why there is none."""
    shown, checked, now = answer.value, board.checked.value, board.years.value
    _Head(
        question=shown.question,
        against=checked.baseline.title,
        years=[{"value": value, "label": label, "on": value == now}
               for value, label in years().items()],
        notice=_notice(shown, checked),
        figure=headline(shown.estimate) if shown.estimate else None,
        event_set_years=board.years.set,
    )  # fmt: skip


def _notice(shown: Answer, checked: board.CheckedWhatIf) -> list[str]:
    """What stands in place of the large figure."""
    if checked.problem:
        return ["This what-if cannot be used.", checked.problem]
    if shown.problem:
        return [
            f"There is no estimate of this what-if. Reason: {shown.problem}",
            "Most choices are estimated one at a time. Run the full model to see this one.",
        ]
    if shown.estimate is None:
        return ["Nothing is changed yet. Make a choice to see what it does."]
    return []


@solara.component
def AnswerTables() -> None:
    """The figures beside the answer."""
    estimate = answer.value.estimate
    with solara.Div(classes=["crossings-around"]):
        if estimate:
            _Tables(tables=tables(estimate))
            solara.Text(" ".join(wording.limits(estimate)))


@solara.component
def Choices() -> None:
    """The choices; they read and write `board.draft`."""
    draft = board.draft.value
    problem, set_problem = solara.use_state("")
    able = can_choose(draft)

    def on_choice(chosen: Mapping[str, Any]) -> None:
        # the what-if as it is now: two choices can come before the page is drawn anew
        now = board.draft.value
        set_problem(board.attempt(choose(now, chosen["key"], int(chosen["option"]))))

    with solara.Div(classes=["crossings-around"]):
        if not able:
            Notice("info", "The choices change the outlook. This what-if starts elsewhere.")
            solara.Button("Use the outlook", on_click=lambda: board.draft.set(Draft(OUTLOOK)))
        _Choices(groups=groups(draft), disabled=not able, event_choose=on_choice)
        if problem:
            Notice("warning", problem)
