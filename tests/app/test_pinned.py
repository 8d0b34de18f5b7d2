"""What-ifs that are pinned: which can be, and the table of those with an estimate and without."""

from __future__ import annotations

import io
import shlex

import pandas as pd
import pytest
from click.testing import CliRunner

from simulation.app import board
from simulation.app.choices import choose
from simulation.app.draft import Draft, shipped
from simulation.app.links import MOST_PINS, PageState, Pin
from simulation.app.pinned import pinned_tables
from simulation.app.take_away import again, estimates_csv
from simulation.cli import cli
from simulation.estimates.library import OUTLOOK
from simulation.wording import quoting, verdicts
from tests.app.test_answer import TWICE, answered, library
from tests.app.test_choices import number

__all__ = ["library"]  # a fixture
MORE, WEAK = (
    choose(Draft(OUTLOOK), key, number(key, label))
    for key, label in (("coast", "Half more"), ("agreements", "Weak"))
)
BOTH = choose(TWICE, "everywhere", number("everywhere", "Full"))


def pin(draft, years="2028"):
    board.show(PageState(draft, years=years, pins=board.pins.value))
    return board.pin()


# -- what can be pinned ----------------------------------------------------------------------------


def test_each_is_pinned_once_for_the_same_years_and_no_more_than_four():
    assert not pin(TWICE)
    assert pin(TWICE.with_(title="The same"))
    assert not pin(TWICE, "2027")
    assert not pin(MORE)
    assert not pin(WEAK)
    held = board.pins.value
    assert held == (Pin(TWICE, "2028"), Pin(TWICE, "2027"), Pin(MORE, "2028"), Pin(WEAK, "2028"))
    assert str(MOST_PINS) in pin(BOTH)
    assert board.pins.value == held


@pytest.mark.parametrize("draft", [
    Draft(OUTLOOK),
    Draft(OUTLOOK).with_(sharing="none"),
    TWICE.with_(description="".join(map(chr, range(33, 9_000)))),
])  # fmt: skip
def test_what_changes_nothing_cannot_be_used_or_is_too_large_is_not_pinned(draft):
    assert len(pin(draft).splitlines()) == 1
    assert board.pins.value == ()


# -- the table -------------------------------------------------------------------------------------


def test_rows_are_ranked_and_hold_the_figures_of_each_answer():
    (table,) = pinned_tables([Pin(MORE, "2028"), Pin(BOTH, "2028"), Pin(TWICE, "2028")])
    assert [row["at"] for row in table["rows"]] == [2, 0, 1]
    first, second, without = table["rows"]
    for row, draft in ((first, TWICE), (second, MORE)):
        arrivals = answered(draft).estimate.outcomes["channel_arrivals"].periods["2028"]
        assert row["label"] == draft.title
        assert row["cells"][1]["below"] == verdicts.short("channel_arrivals", arrivals)
        assert row["drawn"][1] == arrivals.mean_percent
        assert len(row["cells"]) == len(table["columns"])
    assert "none of the policies" in without["problem"]
    assert "cells" not in without


def test_other_years_are_another_table():
    tables = pinned_tables([Pin(TWICE, "2028"), Pin(MORE, "2027"), Pin(MORE, "2028")])
    assert [[row["at"] for row in table["rows"]] for table in tables] == [[0, 2], [1]]


def test_a_row_says_what_is_changed_where_its_title_does_not():
    other = Draft(OUTLOOK).with_(title="Mine", sharing=[{"between": ["UK", "BG"], "level": "full"}])
    titled = TWICE.with_(title="Ours")
    (table,) = pinned_tables([Pin(one, "2028") for one in (titled, other, TWICE)])
    below = {row["label"]: row["below"] for row in table["rows"]}
    assert below == {"Ours": TWICE.title, "Mine": below["Mine"], TWICE.title: ""}
    assert "BG" in below["Mine"]


# -- to take away ----------------------------------------------------------------------------------


def test_the_table_has_every_what_if_with_an_estimate():
    asked = [Pin(TWICE, "2028"), Pin(BOTH, "2028"), Pin(MORE, "2027..2028")]
    table = pd.read_csv(io.StringIO(estimates_csv(asked)))
    assert [*table["scenario"].unique()] == [TWICE.title, MORE.title]
    for draft, period in ((TWICE, "2028"), (MORE, "2027..2028")):
        shown = answered(draft, period).estimate
        own = table[(table["scenario"] == draft.title) & (table["path"] == "all")]
        (row,) = own[
            (own["outcome"] == "channel_arrivals") & (own["period"] == period)
        ].itertuples()
        effect = shown.outcomes["channel_arrivals"].periods[period]
        assert (row.plausible_low, row.plausible_high) == pytest.approx(effect.plausible)
        assert row.median == pytest.approx(effect.median)
        (total,) = own[(own["outcome"] == "uk_total") & (own["period"] == period)].itertuples()
        assert total.median == pytest.approx(shown.uk_total.median)
    assert table[table["outcome"] == "channel_deaths"]["median"].isna().all()


def test_the_commands_and_lines_give_the_figures_of_the_page(monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.toml").write_text(TWICE.text(), encoding="utf-8")
    shown = answered(TWICE, "2027..2028").estimate
    arrivals = shown.outcomes["channel_arrivals"].periods["2027..2028"]
    wanted = quoting.plausible("channel_arrivals", arrivals)
    command, compare, python = again("mine.toml", "2027..2028", True, shipped(OUTLOOK))
    done = CliRunner().invoke(cli, shlex.split(command)[1:])
    assert done.exit_code == 0, done.output
    assert wanted in done.stdout
    exec(python, {})
    assert wanted in capsys.readouterr().out
    assert shlex.split(compare)[:4] == ["crossings", "compare", OUTLOOK, "mine.toml"]
    assert all("estimate" not in one for one in again("mine.toml", "2028", False, shipped(OUTLOOK)))
