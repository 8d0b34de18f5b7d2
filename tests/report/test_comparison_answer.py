"""The first page of a comparison: which option comes first, and what stands beside it."""

from __future__ import annotations

from types import SimpleNamespace

from simulation.outcomes import HEADLINE
from simulation.report.comparison_answer import answer_chart, options_table
from simulation.studies.world_effects import PathEffects
from simulation.wording import differences
from tests.made_effects import effects


def named(title: str, percent: float, **more: float):
    option = effects({"channel_arrivals": percent, **more})
    return option.model_copy(update={"title": title})


def test_options_have_verdicts_and_no_column_of_deaths():
    table = options_table([named("A", -1.0), named("B", -9.0)], HEADLINE)
    titles = [heading.title for heading in table.headings]
    assert not any("Deaths" in title for title in titles)
    column = titles.index("By small boat") - 1
    assert [row.values[column].below for row in table.rows] == [
        ["too small to matter"], ["clear fall"],
    ]  # fmt: skip


def test_a_future_with_too_few_pairs_for_a_range_is_no_row_beside_ranges(monkeypatch):
    monkeypatch.setattr(differences, "years", lambda *_: [])
    no_range = dict.fromkeys(("plausible_low", "plausible_high"))
    ranged = named("A", -3.0)
    part = PathEffects(
        part="lower third", pairs=7, sets=5, paths=7,
        outcomes={HEADLINE: ranged.effect(HEADLINE).model_copy(update=no_range)},
    )  # fmt: skip

    def rows(scenario, part=part) -> list[str]:
        scenario = scenario.model_copy(update={"by_path": [part]})
        chart = answer_chart(
            [SimpleNamespace(scenario=scenario, findings=SimpleNamespace(headline=HEADLINE))]
        )
        return [row[0] for row in chart.rows]

    assert rows(ranged) == ["All days"]
    whole = ranged.effect(HEADLINE).model_copy(update=no_range)
    averages = ranged.model_copy(deep=True)
    averages.outcomes[HEADLINE].periods["run"] = whole
    # an average of a few pairs would be read beside that of all
    assert rows(averages) == ["All days"]
    enough = part.model_copy(update={"outcomes": {HEADLINE: ranged.effect(HEADLINE)}})
    assert rows(ranged, enough) == ["All days", "If few set out"]
