"""What is read from the runs of a natural experiment."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from simulation.report import markdown
from simulation.report.document import NATURAL, natural_section
from simulation.scenario import load_scenario
from simulation.validation import natural
from simulation.validation.natural import EXPERIMENTS, Days

FIRST, LAST = date(2022, 1, 1), date(2024, 12, 31)
COUNT = (LAST - FIRST).days + 1


def days(runs: int = 4, **series) -> Days:
    """Runs in which every series is even, but for those given as a function of the date."""
    every = {*natural._DAILY, *natural._BORDERS, "albanian_arrivals", "visa_free_entries"}
    dates = [FIRST + timedelta(k) for k in range(COUNT)]
    wobble = 1.0 + 0.01 * np.random.default_rng(1).standard_normal((runs, 1))
    values = {name: np.full((runs, COUNT), 100.0) * wobble for name in every}
    for name, level in series.items():
        values[name] = np.array([[level(day) for day in dates]]) * wobble
    return Days(FIRST, values)


def after(day: date, factor: float):
    """A series that changes by a factor on a day."""
    return lambda today: 100.0 * (factor if today >= day else 1.0)


def verdicts(readings) -> list[bool | None]:
    return [reading.holds for reading in readings]


OPERATION = date(2023, 10, 28)


def test_the_operation_empties_the_fence_and_not_the_channel():
    event = days(
        serbia_hungary=after(OPERATION, 0.1), bosnia_croatia=after(OPERATION, 3.0),
        channel_arrivals=after(OPERATION, 1.05),
    )  # fmt: skip
    assert verdicts(natural.serbian_operation(event, days())) == [True, True, None, True]
    assert verdicts(natural.serbian_operation(days(), days())) == [False, False, None, True]
    less = days(channel_arrivals=after(OPERATION, 0.8))
    assert verdicts(natural.serbian_operation(less, days()))[-1] is False


def test_visas_are_judged_by_their_third_month():
    event = days(
        visa_free_entries=after(date(2023, 2, 20), 0.05),
        wb_detections=after(date(2023, 1, 1), 0.9),
    )
    assert verdicts(natural.serbian_visas(event, days())) == [True, True, True]
    event = days(
        visa_free_entries=after(date(2023, 3, 20), 0.05),
        wb_detections=after(date(2023, 1, 1), 0.7),
        channel_arrivals=after(date(2023, 1, 1), 0.9),
    )
    assert verdicts(natural.serbian_visas(event, days())) == [False, False, False]


def test_a_fall_before_the_agreement_is_not_its_doing():
    def early(day: date) -> float:
        return 100.0 if day < date(2022, 10, 1) else 10.0 if day.year == 2022 else 5.0

    def late(day: date) -> float:
        return 100.0 if day < date(2023, 1, 1) else 5.0

    found = natural.albanian_returns(days(albanian_arrivals=early), days(albanian_arrivals=early))
    assert verdicts(found) == [True, True, None]
    found = natural.albanian_returns(days(albanian_arrivals=late), days(albanian_arrivals=late))
    assert verdicts(found) == [True, False, None]


def test_a_raid_that_catches_nobody_tests_nothing():
    july = date(2022, 7, 5)

    def caught(day: date) -> float:
        return 5.0 if day == july else 1.0

    def dip(day: date) -> float:
        return 80.0 if july <= day < date(2022, 8, 10) else 100.0

    none = days(smugglers_arrested=lambda day: 1.0)
    some = days(smugglers_arrested=caught)
    assert verdicts(natural.raid(some, none, on=july)) == [None, True, None]
    assert verdicts(natural.raid(some, none, on=date(2022, 9, 5))) == [None, None, None]
    some = days(smugglers_arrested=caught, channel_arrivals=dip)
    assert verdicts(natural.raid(some, none, on=july)) == [None, False, None]


def test_a_window_outside_the_run_is_an_error():
    with pytest.raises(ValueError, match="does not lie in the run"):
        days().total("channel_arrivals", date(2021, 12, 31), date(2022, 1, 5))


def test_the_page_says_what_fails():
    names = {name for one in EXPERIMENTS for name in (one.event, one.without)}
    readings = natural.readings({name: days() for name in names})
    text = markdown.sections([natural_section(readings, 4, 0.3)])
    failing = [one for _, lines in readings for one in lines if one.holds is False]
    assert text.count("**fail**") == len(failing) > 0
    assert all(f"### {one.title}" in text for one in EXPERIMENTS)
    for name in names:
        load_scenario(name)


def test_a_page_that_cannot_be_written_is_refused_before_anything_runs(
    tmp_path, monkeypatch, capsys
):
    page = tmp_path / "page.md"
    page.write_text(f"<!-- begin: {NATURAL} -->\n", encoding="utf-8")
    monkeypatch.setattr(natural, "run_all", lambda *_: pytest.fail("it ran"))
    monkeypatch.setattr("sys.argv", ["natural", "--document", str(page)])
    with pytest.raises(SystemExit) as stopped:
        natural.main()
    assert stopped.value.code == 2
    assert "its marks are broken" in capsys.readouterr().err


def test_runs_have_every_series():
    found = natural.run_all(["french-coast-2024"], [3], 0.02, 1)["french-coast-2024"]
    scenario = load_scenario("french-coast-2024")
    assert found.first == scenario.run.start
    length = (scenario.run.end - scenario.run.start).days + 1
    assert {values.shape for values in found.series.values()} == {(1, length)}
    assert found.total("serbia_hungary", date(2023, 1, 1), date(2023, 9, 30))[0] > 0
    assert found.total("visa_free_entries", date(2023, 1, 1), date(2023, 9, 30))[0] > 0


def sections() -> list[str]:
    """Parts of the page that tell of natural experiments, each from its title on."""
    page = (Path(__file__).parents[2] / "docs" / "validation.md").read_text(encoding="utf-8")
    parts = [part.split("<!-- end")[0] for part in page.split("\n### ")]
    titles = {experiment.title for experiment in EXPERIMENTS}
    return [part for part in parts if part.splitlines()[0] in titles]


def told_to_fail() -> set[str]:
    return {part.splitlines()[0] for part in sections() if "**fail**" in part}


@pytest.mark.slow
def test_the_page_tells_of_all_that_is_missed():
    """What really happened and the model does not give is said, and nothing more is missed."""
    names = list(dict.fromkeys(n for e in EXPERIMENTS for n in (e.event, e.without)))
    found = natural.run_all(names, range(1, 6), 0.3, 2)
    missed = {
        experiment.title
        for experiment, readings in natural.readings(found)
        for one in readings
        if one.holds is False
    }
    assert missed <= told_to_fail()


def test_what_really_happened_is_given():
    """The page is what the experiments gave when they were last run at full length."""
    assert len([part for part in sections() if "| pass |" in part]) >= 4
    assert not told_to_fail()
