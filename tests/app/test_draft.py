"""A what-if while it is being made: what it says, what it is compared with, and what is refused."""

from __future__ import annotations

from datetime import date

import pytest

from simulation.app.board import examine
from simulation.app.draft import Draft, baseline_beside, shipped
from simulation.errors import InputError
from simulation.scenario import load_scenario, shipped_scenarios
from simulation.scenario.describe import describe_differences

AGREEMENT = {"between": ["UK", "RS"], "level": "high"}


def test_nothing_changed_is_the_scenario_it_starts_from():
    assert Draft().scenario() is shipped("baseline")
    assert examine(Draft()).changes == ()
    assert not Draft().changed


def test_what_it_says_is_what_its_file_gives(tmp_path):
    draft = Draft().with_(sharing=[AGREEMENT], adaptation={"route": False})
    file = tmp_path / "my.toml"
    file.write_text(draft.text(), encoding="utf-8")
    assert load_scenario(file).hash() == draft.scenario().hash()
    assert Draft.of_file(file.read_bytes(), "my.toml").scenario().hash() == draft.scenario().hash()
    assert examine(draft).changes == (
        "Sharing between UK and RS rises from low to high.",
        "Smugglers can no longer change their route.",
    )


def test_a_file_keeps_the_scenario_it_starts_from_if_that_is_shipped(tmp_path):
    draft = Draft("no-sharing").with_(sharing=[AGREEMENT], title="Mine")
    first, second = tmp_path / "first.toml", tmp_path / "second.toml"
    first.write_text(draft.text(), encoding="utf-8")
    second.write_text('title = "After it"\nextends = "first"\n', encoding="utf-8")
    assert Draft.of_file_or_scenario(load_scenario(first)).start == "no-sharing"
    beside = Draft.of_file_or_scenario(load_scenario(second))
    assert beside.start == ""
    assert beside.scenario().hash() == load_scenario(second).hash()


@pytest.mark.parametrize("name", sorted(shipped_scenarios()))
def test_every_shipped_scenario_can_be_started_from(name):
    checked = examine(Draft(name))
    assert checked.problem == ""
    assert checked.whatif is not None
    assert checked.baseline.run == checked.whatif.run


@pytest.mark.parametrize(
    "extends", ['"/etc/passwd"', '"../x.toml"', '"mine.toml"', "3", '"basline"']
)
def test_a_file_from_outside_reaches_no_other_file(extends):
    text = f'title = "x"\nextends = {extends}\n'
    with pytest.raises(InputError) as caught:
        Draft.of_file(text.encode(), "sent.toml")
    assert str(caught.value).startswith("sent.toml:2: extends")


@pytest.mark.parametrize(("draft", "beside"), [
    (Draft("no-sharing"), "baseline"), (Draft("outlook-full-sharing"), "outlook"),
    (Draft("agreements-as-signed"), "agreements-absent"), (Draft("outlook"), "outlook"),
    (Draft("agreements-as-signed", {"drop": ["uk-serbia-2025"]}), "agreements-absent"),
    (Draft("outlook-leaky-sharing"), "outlook"), (Draft("history"), "history"),
])  # fmt: skip
def test_a_what_if_is_compared_with_what_it_stands_on(draft, beside):
    assert baseline_beside(draft.scenario()) == shipped(beside)


@pytest.mark.parametrize("days", [
    {"start": date(2026, 1, 1), "end": date(2027, 12, 31)},
    {"start": date(2026, 7, 1), "end": date(2029, 12, 31)},
    {"start": date(2025, 1, 1), "end": date(2028, 12, 31)},  # those of another shipped scenario
    {"start": date(2026, 1, 1), "end": date(2026, 12, 31)},
    {"end": date(2027, 12, 31)},
])  # fmt: skip
def test_other_days_do_not_change_what_a_what_if_stands_on(days):
    """Else the policies in which two shipped scenarios differ would count as its own."""
    scenario = Draft("outlook", {"run": days}).scenario()
    baseline = baseline_beside(scenario)
    assert (baseline.title, baseline.run) == (shipped("outlook").title, scenario.run)
    assert describe_differences(scenario, baseline) == []
