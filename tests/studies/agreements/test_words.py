"""Whatever a study of agreements finds, its words, tables and figures agree about it."""

from __future__ import annotations

import io
import itertools
import re
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from simulation.engine.time_budget import in_words
from simulation.report.blocks import Table
from simulation.report.terminal import show
from simulation.studies.agreements.findings import (
    DEATHS,
    JUDGED,
    SHOWN,
    AgreementEffect,
    AgreementsFindings,
)
from simulation.studies.agreements.page import ranked, ranking, summary
from simulation.studies.agreements.study import PlannedRuns
from simulation.studies.agreements.words import (
    announcement,
    deadly,
    heading,
    headline,
)

BY = "channel_arrivals"
#: more than a table shows unasked
MOST = SHOWN + 4


def effect(
    mean: float, half: float | None, worlds: tuple[float, float] | None = None
) -> AgreementEffect:
    """A difference as a study finds it.

    Without an interval where there are too few pairs. Its middle over worlds may lie on the other
    side of its mean.
    """
    low, high = (None, None) if half is None else (mean - half, mean + half)
    over = {}
    if half is not None and worlds is not None:
        middle, reach = worlds[0] / 10.0, worlds[1] / 10.0
        over = {"plausible_low": middle - reach, "median": middle, "plausible_high": middle + reach,
                "plausible_unit": "%"}  # fmt: skip
    return AgreementEffect(
        pairs=2 if half is None else 16, baseline=1000.0, scenario=1000.0 + mean,
        mean_difference=mean,
        mean_low=low, mean_high=high, mean_percent=mean / 10.0,
        mean_percent_low=None if low is None else low / 10.0,
        mean_percent_high=None if high is None else high / 10.0,
        mean_probability=None if half is None else 0.9,
        detectable=low is not None and (low > 0.0 or high < 0.0), pairs_to_settle=40,
        **over,
    )  # fmt: skip


PERCENTS = ("mean_percent", "mean_percent_low", "mean_percent_high")
MEANS, HALVES = (st.integers(*ends).map(float) for ends in ((-300, 300), (1, 400)))
EFFECT = st.builds(effect, MEANS, st.none() | HALVES, st.none() | st.tuples(MEANS, HALVES))
#: of deaths there is no percentage
DEAD = EFFECT.map(lambda one: one.model_copy(update=dict.fromkeys(PERCENTS, None)))
effects = st.fixed_dictionaries({name: DEAD if name in DEATHS else EFFECT for name in JUDGED})


def pair(number: int, screening: dict, refined: dict | None) -> dict:
    """An agreement at a place in the ranking, as a study finds it."""
    return {
        "key": f"A{number}-B", "name": f"Place {number} and B", "level": "high",
        "parties": [f"A{number}", "B"], "before": "low", "status": "raised", "rank": number + 1,
        "screening": screening, "refined": refined,
    }  # fmt: skip


def study(pairs: list[dict], **more) -> AgreementsFindings:
    """A study of some agreements, in the order of their ranking."""
    fresh = sum(pair["refined"] is not None for pair in pairs)
    return AgreementsFindings.model_validate({
        "kind": "agreements", "baseline": "Base", "coverage": 0.9, "headline": BY,
        "better": "lower", "outcomes": list(JUDGED), "raised_to": "high",
        "parties": {"B": "B"} | {
            pair["parties"][0]: pair["name"][: -len(" and B")] for pair in pairs
        },
        "pairs": pairs, "ranking": [pair["key"] for pair in pairs],
        "looks": {"screening": len(pairs), "refined": fresh},
        "seeds_of": {"screening": [1, 2], "refined": [3, 4] if fresh else []}, "failed": [],
        "start": "2023-01-01", "end": "2023-12-31", "replications": 16,
        **more,
    })  # fmt: skip


@st.composite
def studies(draw) -> AgreementsFindings:
    """A study of some agreements: ranked by their middles, the best of the screening refined."""
    count = draw(st.integers(1, MOST))
    better = draw(st.sampled_from(["lower", "higher"]))
    screened = draw(st.lists(effects, min_size=count, max_size=count))
    refined = draw(st.lists(effects, min_size=0, max_size=count))
    way = 1.0 if better == "lower" else -1.0
    fresh = sorted(refined, key=lambda by_outcome: way * by_outcome[BY].way)
    pairs = [
        pair(number, one, fresh[number] if number < len(fresh) else None)
        for number, one in enumerate(screened)
    ]
    return study(pairs, better=better)


def called_clear(findings: AgreementsFindings) -> set[str]:
    """The agreements that the terminal's table calls clear."""
    table = next(block for block in summary(findings) if isinstance(block, Table))
    return {
        row.label.rpartition(". ")[2]
        for row in table.rows
        if row.role != "group" and re.search("clear (fall|rise)", "".join(row.values[0].below))
    }


def bold(findings: AgreementsFindings, outcome: str) -> set[str]:
    """The agreements that the page's table has bold in the column of an outcome."""
    column = JUDGED.index(outcome)
    rows = [row for row in ranking(findings).rows if row.role != "group"]
    return {row.label.rpartition(". ")[2] for row in rows if row.values[column].strong}


@given(studies())
@settings(max_examples=30)
def test_the_headline_has_a_clear_effect_exactly_where_the_tables_have_one(findings):
    first = headline(findings)[0]
    bold_ones = bold(findings, BY)
    assert called_clear(findings) == bold_ones
    assert {pair.name for pair in findings.helping + findings.harming} == bold_ones
    assert (findings.verdict in ("helps", "harms")) == bool(bold_ones)
    assert ("buys most" in first) == bool(findings.helping)
    for pair in findings.helping:
        best = findings.helping[0]
        assert f"{best.name} buys most" in first
        assert abs(pair.refined[BY].way) <= abs(best.refined[BY].way)
    finding = heading(findings).rpartition(", ")[0]
    assert first.startswith(finding)
    assert finding not in headline(findings, titled=True)[0]
    # and so do the figures
    filled = [
        trace for trace in ranked(findings)[0].figure.data
        if trace["mode"] == "markers" and trace["name"] == "clear change"
    ]  # fmt: skip
    assert sum(len(trace["x"]) for trace in filled) == len(bold_ones)


@given(studies())
@settings(max_examples=30)
def test_the_table_of_a_terminal_fits_80_columns_with_a_row_for_each_agreement(findings):
    table = next(block for block in summary(findings) if isinstance(block, Table))
    rows = [row for row in table.rows if row.role != "group"]
    assert len(rows) == len(findings.shown)
    printed = io.StringIO()
    show([table], Console(file=printed, width=80))
    assert max(map(len, printed.getvalue().splitlines())) <= 80
    # what has no clear effect stands by its name
    groups = [[*group] for _, group in itertools.groupby(rows, lambda row: row.label[0].isdigit())]
    assert len(groups) <= 3


@given(studies())
@settings(max_examples=30)
def test_no_warning_rests_on_screening_or_on_too_few_pairs(findings):
    warned = set(re.findall(r"A\d+-B", deadly(findings)))
    assert warned == {pair.key for pair in findings.raising_deaths}
    for pair in findings.raising_deaths:
        deaths = [pair.refined[name] for name in DEATHS]
        assert any(one.verdict == "rise" for one in deaths)
    for name in DEATHS:
        for pair in findings.shown:
            if pair.name in bold(findings, name) and pair.refined[name].verdict == "rise":
                assert pair.key in warned, "what is bold in the table is in the warning"


def raising(number: int) -> dict:
    """An agreement that clearly raises deaths, and does nothing else."""
    still = dict.fromkeys(JUDGED, effect(0.0, 1.0))
    return pair(number, still, still | dict.fromkeys(DEATHS, effect(300.0, 1.0)))


def test_the_announcement_counts_what_is_there_of_the_stage_that_comes_first():
    plan = PlannedRuns(pairs=5, screening=40, refining=16, missing=12, seconds=None, workers=2)
    text = announcement(plan)
    assert "40 runs to screen them, 16 to refine the best; 56 in all" in text
    assert text.endswith("28 of the first 40 are there already.")
    # with a known time, that of what is missing: 28 runs of 10 s by two processes
    timed = announcement(replace(plan, seconds=10.0))
    assert "One took 10.0 s" in timed
    assert f"some {in_words(140.0)} with 2 processes" in timed
