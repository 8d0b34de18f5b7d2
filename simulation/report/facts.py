"""The sections of `docs/validation.md` with the stylised facts and the natural experiments.

    python -m simulation.report.facts --document docs/validation.md

runs what they need and writes them.
"""

from __future__ import annotations

from collections import Counter

from simulation.engine.trials import fitted_ensemble
from simulation.parameters.fitted import window_name
from simulation.report import blocks
from simulation.report.document import write_from_runs
from simulation.validation.fact_runs import run_all, scenario_names
from simulation.validation.facts import SCALE, SETS, readings
from simulation.validation.published import (
    Facts,
    PublishedFigure,
    Readings,
    Standing,
    Tally,
    natural,
    published,
    standings,
    stylised,
    tally,
)
from simulation.validation.verdicts import Estimate, Verdict
from simulation.wording.quoting import number_of

NATURAL, FACTS = "natural-experiments", "stylised-facts"
_COLUMNS = ("median", "band", "sets inside", "evidence", "verdict")
_COMMAND = "python -m simulation.report.facts --document docs/validation.md"
#: figures whose standing is said beside their verdict
_NOT_COUNTED = (Standing.REPEATED, Standing.FITTED)
_NO_CHANGE = "No effect of a policy is a target."


def fact_sections(
    readings: Readings, asked: int, scale: float, fitted: str
) -> list[blocks.Section]:
    """The natural experiments and the stylised facts, judged together.

    Args:
        readings: What the runs give for every figure of every fact.
        asked: Sets that were asked for; those in which a run failed are left out.
        scale: Share of the people simulated.
        fitted: The window that the ensemble was fitted to, in words.
    """
    sets = max(one.values.size for figures in readings.values() for one in figures.values())
    number = number_of(sets, "set")
    left_out = f" ({asked - sets} more failed)" if sets < asked else ""
    counted = standings(published())
    events = blocks.paragraphs(
        ("Made by ", blocks.Code(_COMMAND), ", with the stylised facts, and judged as they are."),
        "The strength of each event is an assumption unless the scenario names its source. A band "
        "that holds says that the mechanism can do this, not that it must.",
    )
    basis = (
        f"Medians over {number}{left_out} of the ensemble fitted to {fitted}, drawn by weight "
        f"as in a comparison, one seed in each, {scale:.0%} of the people. Brackets hold the 90% "
        "interval of the median. *Sets inside* is the share of single sets in the band. A change "
        "is in percent of each set's own value. Below 30% of the people, levels of people depend "
        "on the scale."
    )
    rules = (
        "A figure *holds* if the whole interval lies in its band, and at least half of the sets "
        "do. It *does not hold* if all of the interval lies outside. It is *given* if a lever or "
        "table of its scenario fixes it. Of figures with the same evidence the first counts."
    )
    labels = (
        "*Evidence* gives the rows of the project's collection and how far each is trusted: P, "
        "an official figure; S, research; N, press, also of official figures; D, derived from "
        "such figures."
    )
    result = totals(tally(published(), readings))
    facts = blocks.paragraphs(
        ("Made by ", blocks.Code(_COMMAND), "."),
        result,
        "These facts test mechanisms: how prices answer scarcity, how fast networks heal, how many "
        "cases there are. A fact that fails is a finding about the model: where it cannot be "
        f"trusted, and what to mend next. {_NO_CHANGE}",
        *map(blocks.marked, (basis, rules, labels)),
    )
    return [
        blocks.Section(
            NATURAL, "Natural experiments", [*events, *_parts(natural(), readings, counted)]
        ),
        blocks.Section(
            FACTS,
            "Stylised facts",
            [*facts, *_parts(stylised(), readings, counted)],
            short=result,
        ),
    ]


def totals(counts: Tally) -> str:
    """How many figures hold, in words."""
    unforced, fitted = counts.unforced, counts.fitted
    return (
        f"Of {unforced.total()} unforced figures here and among the natural experiments, "
        f"{_verdicts(unforced)}. Of {fitted.total()} that the ensemble was fitted to, "
        f"{_verdicts(fitted)}. Not counted: {counts.given} given, {counts.repeated} with evidence "
        "that is counted elsewhere."
    )


def _verdicts(counts: Counter[Verdict]) -> str:
    return (
        f"{counts[Verdict.HOLDS]} hold, {counts[Verdict.FAILS]} do not hold and "
        f"{counts[Verdict.UNDECIDED]} cannot be decided"
    )


def _parts(
    facts: Facts, readings: Readings, counted: dict[tuple[str, str], Standing]
) -> list[blocks.Block]:
    """Each fact: its heading, what is run, what was published, and its figures."""
    parts: list[blocks.Block] = []
    for key, fact in facts.items():
        rows = [
            _row(figure, readings[key][name], counted[key, name])
            for name, figure in fact.figures.items()
        ]
        pair = f"`{fact.event}` against `{fact.without}`. " if fact.event else ""
        parts += [
            blocks.Heading(fact.title),
            blocks.Paragraph(blocks.marked(f"{pair}{fact.run} Published: {fact.source}.")),
            blocks.Table(["what", *(blocks.word_column(title) for title in _COLUMNS)], rows),
        ]
    return parts


def _row(figure: PublishedFigure, estimate: Estimate, standing: Standing) -> blocks.Row:
    verdict = figure.judge(estimate)
    inside = f"{figure.limits.share(estimate):.0%}" if figure.judged else ""
    said = f"{verdict} ({standing})" if standing in _NOT_COUNTED else str(verdict)
    if figure.given:
        said = f"given by {figure.given}"
    return blocks.Row(figure.what, [
        figure.shown(estimate), figure.band, inside, figure.evidence,
        blocks.Cell(blocks.marked(said), strong=verdict is Verdict.FAILS),
    ])  # fmt: skip


def main() -> None:
    """Write the sections of the stylised facts and the natural experiments on a page."""

    def sections(sets: int, scale: float, workers: int) -> list[blocks.Section]:
        window = fitted_ensemble().window
        runs = run_all(scenario_names(), sets, scale, workers)
        fitted = window_name(*window) if window else "a window that is not known"
        return fact_sections(readings(runs), sets, scale, fitted)

    write_from_runs((NATURAL, FACTS), sections, SETS, SCALE)


if __name__ == "__main__":
    main()
