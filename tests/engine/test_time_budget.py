"""Pairs that are added for a time: when they stop, what is said of it, and how they go on."""

from __future__ import annotations

import json

import pytest

from simulation.engine.options import Options
from simulation.engine.time_budget import in_words, read_time, time_for
from simulation.errors import InputError
from simulation.scenario import load_scenario
from simulation.statistics.paired import FEWEST_PAIRS
from simulation.studies.compare import Precision, announcement
from simulation.wording import differences as wording
from tests.comparing import OTHER, manifest, numbers, stand_in
from tests.conducting import compare

#: seconds that a run takes by the clock of these tests
RUN = 5.0
#: a precision that is never reached
NEVER = 1e-9


class Clock:
    """A clock that goes on by `RUN` with every run that has ended; also a progress."""

    def __init__(self, start: float = 0.0) -> None:
        self.start, self.ended, self.announced = start, 0, []

    def __call__(self) -> float:
        return self.start + RUN * self.ended

    def progress(self, progress) -> None:
        self.ended = progress.finished + progress.failed

    def announce(self, wanted: Precision) -> None:
        self.announced.append((self.ended, wanted))


@pytest.fixture
def compared(tmp_path, scenario_file):
    """Compare two scenarios for some seconds of a clock that runs make go on."""
    (tmp_path / "other.toml").write_text(OTHER)

    def call(seconds, *, pairs=None, out="out", clock=None, simulate=stand_in, **more):
        clock = clock or Clock()
        base, other = (load_scenario(tmp_path / name) for name in ("small.toml", "other.toml"))
        return compare(
            base,
            [other],
            Options(out=tmp_path / out, workers=1, days=20),
            Precision(pairs, **{"share": NEVER, "seconds": seconds, **more}),
            command="crossings compare small.toml other.toml --time 3m --precision 0.01",
            progress=clock.progress,
            announce=clock.announce,
            simulate=simulate,
            clock=clock,
        )

    return call


# -- when it stops ---------------------------------------------------------------------------------


def test_no_run_begins_once_the_time_is_over_and_only_whole_pairs_count(compared):
    done = compared(11 * RUN)  # five pairs, and one run of the sixth
    assert done.ran == 11
    assert done.findings.seeds == [1, 2, 3, 4, 5]
    assert done.findings.ended.by == "time"
    assert "55 seconds were over, with 5 pairs" in wording.basis(done.findings)


@pytest.mark.parametrize("seconds", [0.001, RUN, (2 * FEWEST_PAIRS - 1) * RUN])
def test_at_least_as_many_pairs_as_an_interval_needs_are_run(compared, seconds):
    findings = compared(seconds).findings
    assert findings.replications == FEWEST_PAIRS
    assert findings.scenarios[0].effect("channel_arrivals").mean_low is not None


def test_the_precision_ends_it_before_the_time_does(compared):
    done = compared(1000 * RUN, share=0.5)
    assert done.findings.replications == 8
    assert done.findings.ended.as_json() == {"by": "precision", "limit": 100}
    assert not wording.ending(done.findings)
    assert done.findings == compared(2000 * RUN, share=0.5, out="again").findings


def test_at_the_limit_the_option_that_lifts_it_is_named(compared):
    done = compared(1000 * RUN, share=0.001, limit=9)
    assert (done.findings.replications, done.findings.ended.by) == (9, "limit")
    assert "--limit" in wording.ending(done.findings)
    assert "--limit" not in wording.ending(done.findings, typed=False)


def test_a_number_of_pairs_is_run_whatever_the_time(compared):
    done = compared(0.001, pairs=7)
    assert done.findings.replications == 7
    assert done.findings.ended.as_json() == {"by": "asked"}
    assert wording.basis(done.findings).startswith("7 pairs of runs")


# -- how it goes on --------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_same_again_has_a_time_of_its_own_and_goes_on(compared, tmp_path):
    pairs = [compared(10 * RUN, out="out").findings.replications for _ in range(3)]
    assert pairs == [5, 10, 15]
    compared(0.0, pairs=15, out="afresh")
    mine, afresh = numbers(tmp_path / "out"), numbers(tmp_path / "afresh")
    # why there are no more pairs is no number of theirs
    summaries = [json.loads(files.pop("summary.json")) for files in (mine, afresh)]
    assert mine == afresh
    assert [summary.pop("ended")["by"] for summary in summaries] == ["time", "asked"]
    assert summaries[0] == summaries[1]


def test_the_manifest_holds_pairs_and_time_and_a_command_that_names_the_pairs(compared):
    recorded = manifest(compared(10 * RUN).folder)
    assert recorded["pairs"]["tried"] == 5
    assert (recorded["pairs"]["by"], recorded["pairs"]["seconds"]) == ("time", 10 * RUN)
    assert recorded["command"].endswith("other.toml --precision 0.01 --replications 5")
    assert manifest(compared(0.0, pairs=5).folder)["command"].endswith("--time 3m --precision 0.01")


def test_a_seed_that_fails_is_tried_once_and_counted(compared):
    def failing(scenario, *, seed, **options):
        if seed == 2:
            raise ValueError("a storm")
        return stand_in(scenario, seed=seed, **options)

    done = compared(12 * RUN, simulate=failing)
    assert done.findings.seeds == [1, 3, 4, 5, 6]
    assert manifest(done.folder)["command"].endswith("--replications 6")


def test_how_long_it_takes_is_told_once_before_the_first_run(compared):
    clock = Clock()
    compared(11 * RUN, clock=clock)
    ((ended, wanted),) = clock.announced
    assert ended == 0
    assert "55 seconds" in announcement(wanted)
    counted = Clock()
    compared(0.0, pairs=5, clock=counted, out="counted")
    assert [ended for ended, _ in counted.announced] == [0]


# -- how it is typed -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90), ("3m", 180), ("3min", 180), ("1h", 3600), ("2", 120), ("0.5", 30),
        ("1.5h", 5400), (" 90 s ", 90), (3, 180), (0.25, 15),
    ],
)  # fmt: skip
def test_a_length_of_time_is_read(text, seconds):
    assert read_time(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "", "0", "-3m", "3 minutes", "m", "1h30m", "1e3", "inf", "nan", "3,5m", "9999999h",
        "٣m", "3m\n4m", float("inf"), float("nan"), -1,
    ],
)  # fmt: skip
def test_what_is_no_length_of_time_is_one_clear_line(text):
    with pytest.raises(InputError) as refused:
        read_time(text)
    assert refused.value.key == "--time"
    assert "such as 90s, 3m, 1h, or a number of minutes" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_without_a_time_it_is_three_minutes():
    assert time_for(None, "1m") == 60.0
    assert time_for(7, None) == time_for(None, None) == 180.0


@pytest.mark.parametrize(("seconds", "words"), [
    (0.2, "1 second"), (40.4, "40 seconds"), (90, "90 seconds"), (91, "2 minutes"),
    (5400, "90 minutes"), (5460, "2 hours"), (172_800, "48 hours"), (259_200, "3 days"),
])  # fmt: skip
def test_a_length_of_time_is_told_as_people_say_it(seconds, words):
    assert in_words(seconds) == words
