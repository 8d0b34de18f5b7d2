import numpy as np
import pytest

from simulation.engine.options import Options
from simulation.engine.world_design import WorldDesign
from simulation.errors import InputError
from simulation.outcomes import OUTCOMES
from simulation.report.experiment import write_experiment_report
from simulation.scenario import load_scenario
from simulation.scenario.levels import level_number
from simulation.studies.sweep import findings as module
from simulation.studies.sweep import words
from tests import synthetic
from tests.conducting import sweep
from tests.reading import csv_rows, summary_of
from tests.trust.markup import Parts

DAYS = 59
LEVELS = "sharing.UK-RS=none,low,medium,high,full"
ENTRIES = "entries.balkan=0.5,1"


def level(scenario):
    return level_number(scenario.sharing[-1].level) if scenario.sharing else 0.0


def respond(scenario, noise=0.0, **options):
    """A model in which sharing stops 10 people a day, and entries bring 4: the answer is known."""
    record = synthetic.simulate(scenario, **options)
    entries = scenario.entries.get("balkan", 1.0)
    shift = -10.0 * level(scenario) + 4.0 * (entries - 1.0)
    if noise and scenario.sharing:
        word = f"{options['seed']} {level(scenario)} {entries}"
        shift += noise * np.random.default_rng(list(word.encode())).normal()
    record.daily["channel_arrivals"] = record.daily["channel_arrivals"] + shift
    record.daily["channel_deaths"] = record.daily["channel_deaths"] + level(scenario)
    return record


def noisy(scenario, **options):
    return respond(scenario, noise=1.0, **options)


def run(scenario, tmp_path, *vary, simulate=respond, workers=2, out="out", **asked):
    options = Options(out=tmp_path / out, workers=workers)
    return sweep(scenario, vary, options, simulate=simulate, **{"replications": 3, **asked})


def arrivals(entry):
    return entry.outcomes["channel_arrivals"]


def differences(variable):
    return [effects["channel_arrivals"].mean_difference for effects in variable.outcomes]


def test_each_point_differs_from_the_reference_by_what_it_does(small, tmp_path):
    done = run(small, tmp_path, LEVELS)
    findings = done.findings
    assert done.ran == 6 * 3
    assert [point.values["sharing.UK-RS"] for point in findings.points] == [
        "none", "low", "medium", "high", "full",
    ]  # fmt: skip
    gaps = [arrivals(point).mean_difference for point in findings.points]
    assert gaps == pytest.approx([-10.0 * DAYS * k / 4 for k in range(5)])
    assert all(arrivals(point).pairs == 3 for point in findings.points)
    assert findings.points[4].outcomes["channel_deaths"].mean_difference == pytest.approx(DAYS)
    assert [point.identical for point in findings.points] == [True] + [False] * 4
    (contrast,) = findings.contrasts
    assert (contrast.lowest, contrast.highest) == ("none", "full")
    assert arrivals(contrast).mean_difference == pytest.approx(-10.0 * DAYS)
    assert findings.effects[0].against == "reference"


def test_the_effect_of_one_variable_is_averaged_over_the_others(small, tmp_path):
    findings = run(small, tmp_path, "sharing.UK-RS=none,full", ENTRIES).findings
    by_level, by_entries = findings.effects
    assert differences(by_level) == pytest.approx([0.0, -10.0 * DAYS])
    assert differences(by_entries) == pytest.approx([0.0, 2.0 * DAYS])
    assert by_level.against == "lowest"
    together = findings.contrasts[-1]
    assert together.variable is None
    assert (together.lowest, together.highest) == (["none", 0.5], ["full", 1.0])
    assert arrivals(together).mean_difference == pytest.approx(-8.0 * DAYS)


def leads(done) -> list[str]:
    """What the page says of what its curves are differences from."""
    page = Parts(write_experiment_report(done.folder).read_text(encoding="utf-8"))
    return [text.split(",")[0] for text in page.texts if text.startswith("Differences from")]


def test_the_sentences_have_each_variable_and_all_together(small, tmp_path):
    one = run(small, tmp_path, ENTRIES, out="one")
    assert "averaged" not in " ".join(words.headline(one.findings))
    assert "from 0.5 to 1 (times what was observed): " in words.headline(one.findings)[0]
    assert leads(one) == ["Differences from “A small test”"]
    two = run(small, tmp_path, "sharing.UK-RS=none,full", ENTRIES, out="two")
    heading, *contrasts = words.headline(two.findings)
    assert "averaged over the values of the rest" in heading
    assert len(contrasts) == 3
    assert leads(two) == ["Differences from none", "Differences from 0.5"]


def test_a_curve_shows_the_effect_and_its_interval_at_each_value(small, tmp_path):
    done = run(small, tmp_path, LEVELS, simulate=noisy, replications=8)
    page = write_experiment_report(done.folder).read_text(encoding="utf-8")
    band, line = (
        trace
        for trace in Parts(page).figures()["plot-sweep-0-channel_arrivals"]["data"]
        if trace["type"] == "scatter"
    )
    effects = [arrivals(point) for point in done.findings.points]
    levels = [level_number(value) for value in ("none", "low", "medium", "high", "full")]
    assert line["x"] == levels
    assert line["y"] == pytest.approx([effect.mean_difference for effect in effects])
    assert band["x"] == [*levels, *reversed(levels)]
    edges = [effect.mean_high for effect in effects]
    edges += [effect.mean_low for effect in reversed(effects)]
    assert band["y"] == pytest.approx(edges)


def test_the_files_tell_the_same_and_run_by_themselves(small, tmp_path):
    done = run(small, tmp_path, "sharing.UK-RS=none,full", ENTRIES)
    rows = csv_rows(done.folder / "points.csv")
    assert len(rows) == 4 * len(OUTCOMES)
    row = next(r for r in rows if (r["point"], r["outcome"]) == ("3", "channel_arrivals"))
    assert (row["sharing.UK-RS"], row["entries.balkan"]) == ("full", "0.5")
    assert float(row["mean_difference"]) == pytest.approx(-12.0 * DAYS)
    scenario = load_scenario(done.folder / row["file"])
    assert (scenario.entries, scenario.run) == ({"balkan": 0.5}, small.run)
    assert summary_of(done.folder) == done.findings.as_json()


def test_the_same_command_runs_nothing_twice_and_more_seeds_run_only_what_is_new(small, tmp_path):
    first = run(small, tmp_path, LEVELS, simulate=noisy)
    again = run(small, tmp_path, LEVELS, simulate=noisy)
    assert again.ran == 0
    assert again.findings == first.findings
    # how it is typed makes no other sweep
    assert run(small, tmp_path, LEVELS.replace("UK-RS", "RS-UK"), simulate=noisy).ran == 0
    assert run(small, tmp_path, LEVELS, simulate=noisy, replications=4).ran == 6
    with pytest.raises(InputError, match="another experiment"):
        run(small, tmp_path, "sharing.UK-RS=none,full", simulate=noisy)


def fails(when):
    def simulate(scenario, **options):
        if options.get("days") != 1 and when(scenario, options["seed"]):
            raise RuntimeError("no such luck")
        return respond(scenario, **options)

    return simulate


def test_a_run_that_fails_leaves_out_its_pair_only(small, tmp_path):
    simulate = fails(lambda scenario, seed: level(scenario) == 1.0 and seed == 2)
    done = run(small, tmp_path, LEVELS, simulate=simulate)
    points = done.findings.points
    assert [arrivals(point).pairs for point in points] == [3, 3, 3, 3, 2]
    assert arrivals(points[4]).mean_difference == pytest.approx(-10.0 * DAYS)
    (failed,) = done.findings.failed
    assert (failed.case, failed.seed) == ("sharing.UK-RS=full", 2)
    assert "no such luck" in failed.error
    page = write_experiment_report(done.folder).read_text()
    assert "1 run failed and no pair with a failed run is in the figures" in page


def test_a_point_that_always_fails_is_left_out(small, tmp_path):
    simulate = fails(lambda scenario, seed: level(scenario) == 1.0 and scenario.entries == {
        "balkan": 0.5})  # fmt: skip
    done = run(small, tmp_path, "sharing.UK-RS=none,low,full", ENTRIES, simulate=simulate)
    assert [point.number for point in done.findings.points if point.outcomes is None] == [5]
    by_level, by_entries = done.findings.effects
    # from whole combinations only, or the missing one would pass for an effect
    assert differences(by_level) == pytest.approx([0.0, -2.5 * DAYS, -10.0 * DAYS])
    assert differences(by_entries) == pytest.approx([0.0, 2.0 * DAYS])
    assert "Point 5 has no figures" in write_experiment_report(done.folder).read_text()
    # nobody who arrives is a result, and no run is none
    base = np.ones((2, len(OUTCOMES)))
    totals, design = np.stack([0.0 * base, np.nan * base]), WorldDesign(1, "records")
    runs = module.SweepRuns([], [], base, totals, design, [1, 2])
    assert (runs.finished(0), runs.finished(1)) == (True, False)


def test_nothing_to_show_is_an_error_and_keeps_what_there_is(small, tmp_path):
    simulate = fails(lambda scenario, seed: not scenario.sharing)
    with pytest.raises(InputError, match=r"^no seed gave a run of the .*no such luck") as caught:
        run(small, tmp_path, LEVELS, simulate=simulate)
    assert str(caught.value).endswith(f"; what was run is kept in {tmp_path / 'out'}")
    assert run(small, tmp_path, LEVELS).ran == 3  # of the reference


def test_many_runs_must_be_confirmed(small, tmp_path, monkeypatch):
    with pytest.raises(InputError) as caught:
        run(small, tmp_path, "sharing.UK-RS=0:1:11", "entries.balkan=0.5:1.5:10", replications=2)
    message = str(caught.value)
    assert "110 points and the reference with 2 seeds each are 222 runs, about " in message
    assert "allowed: up to 200 runs, or --yes" in message
    assert not (tmp_path / "out").exists()
    monkeypatch.setattr(module, "MOST_RUNS", 8)
    with pytest.raises(InputError, match="9 runs"):
        run(small, tmp_path, ENTRIES)
    assert run(small, tmp_path, ENTRIES, yes=True).ran == 9
