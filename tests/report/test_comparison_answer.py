"""The first page of a comparison: which option comes first, and what stands beside it."""

from __future__ import annotations

from simulation.report.blocks import plain
from simulation.report.comparison_answer import options_table
from simulation.report.terminal import tables_needed
from tests.made_effects import effects


def named(title: str, percent: float, **more: float):
    made = effects({"channel_arrivals": percent, **more})
    return made.model_copy(update={"title": title})


def test_the_option_with_the_largest_fall_comes_first():
    table = options_table([named("A", -1.0), named("B", -9.0), named("C", 4.0)])
    assert [plain(row.label) for row in table.rows] == ["B", "A", "C"]


def test_deaths_have_a_range_and_no_middle():
    table = options_table([named("A", -1.0, channel_deaths=5.0), named("B", -9.0)])
    column = [heading.title for heading in table.headings].index("Deaths in the\nChannel") - 1
    for row in table.rows:
        assert not row.values[column].below


def test_it_fits_a_screen_of_eighty_characters():
    options = [named("A long name of an option that goes on", -1.0), named("B", -9.0)]
    assert tables_needed([options_table(options, short=True)], 80) == 1
