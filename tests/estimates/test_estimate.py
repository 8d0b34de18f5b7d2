"""A build with a model that is done at once: it resumes, and estimates are answered from it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

import simulation
from simulation.engine.options import Options
from simulation.engine.progress import Interrupted
from simulation.engine.world_design import PARTS
from simulation.errors import InputError
from simulation.estimates import estimate
from simulation.estimates.build import FILE, LibraryBuild, install
from simulation.estimates.library import BASES, Library, load_library
from simulation.estimates.stored_runs import load_stored_runs
from simulation.studies.compare import Compare, Precision
from simulation.studies.study import conduct
from tests import synthetic
from tests.comparing import door
from tests.few_policies import FEW, RETURNS, SEA, WHOLE, few_policies
from tests.refusals import refusal

__all__ = ["door"]  # a fixture

DAYS = 40
PAIRS = 32
BASE = WHOLE.base
BEGINS = date(2027, 1, 1)


@pytest.fixture(autouse=True)
def few():
    with few_policies():
        yield


def stand_in(scenario, *, seed, **options):
    """Units at sea do as much each; returns do nothing until there are fifty."""
    record = synthetic.simulate(scenario, seed=seed, **options)
    units = sum(lever.units for lever in scenario.interception_at_sea) - sum(
        lever.units for lever in BASE.interception_at_sea
    )
    own = [lever for lever in scenario.return_after_arrival
           if lever not in BASE.return_after_arrival]  # fmt: skip
    returned = sum(max(lever.places_per_week - 49, 0) for lever in own)
    factor = 1.0 - units * (0.01 + 0.0001 * (seed % 7)) - 0.002 * returned
    arrivals = record.daily["channel_arrivals"] * factor
    return replace(record, daily={**record.daily, "channel_arrivals": arrivals})


def options(out):
    return Options(scale=0.1, days=DAYS, assumptions="fitted", out=out, workers=1)


def built(out, pairs=PAIRS, simulate=stand_in, **how):
    return conduct(LibraryBuild(BASE.slug, pairs), options(out), simulate=simulate, **how)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("built") / "emulator"
    with few_policies():
        built(out)
    return out


@pytest.fixture
def emulator(folder):
    return folder / FILE


def units(number: int):
    lever = {"authority": "FR", "units": number, "from": BEGINS}
    return BASE.with_("More units at sea", interception_at_sea=[lever])


# -- the build -------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_stopped_build_and_more_pairs_go_on_and_give_the_same(folder, tmp_path):
    def stop(progress):
        if progress.finished == 14:
            raise KeyboardInterrupt

    with pytest.raises(Interrupted):
        built(tmp_path / "again", 4, progress=stop)
    assert built(tmp_path / "again", 4).ran == 4 * (1 + len(FEW.scenarios())) - 14
    assert built(tmp_path / "again", 6).ran == 2 * (1 + len(FEW.scenarios()))
    assert built(tmp_path / "again", 6).ran == 0
    one, other = (load_stored_runs(path / FILE) for path in (folder, tmp_path / "again"))
    assert other.pairs == 6
    np.testing.assert_array_equal(one.totals[:, :6], other.totals)


def test_a_world_in_which_a_run_fails_is_left_out(tmp_path):
    def fails(scenario, *, seed, **how):
        if seed == 4 and scenario.title == "Returns to France a week: 50":
            raise ValueError("no boats")
        return stand_in(scenario, seed=seed, **how)

    findings = built(tmp_path / "fails", 6, simulate=fails).findings
    assert findings.pairs == 5
    assert "no boats" in findings.failed[0].error


@pytest.mark.slow
def test_only_what_is_straight_between_its_neighbours_is_interpolated(folder, emulator):
    card = {
        (line["lever"], line["strength"]): line
        for line in json.loads((folder / "summary.json").read_text(encoding="utf-8"))["card"]
    }
    assert card[SEA, 12.0]["passed"]
    assert card[SEA, 12.0]["median"] == pytest.approx(card[SEA, 12.0]["interpolated"], abs=0.01)
    assert not card[RETURNS, 50.0]["passed"]
    assert load_stored_runs(emulator).about["interpolated"] == [SEA]


def test_a_damaged_library_is_not_installed(emulator, tmp_path):
    target, file = tmp_path / "packaged.npz", tmp_path / FILE
    file.write_bytes(emulator.read_bytes()[:-9])
    with pytest.raises(InputError, match="damaged"):
        install(file, target)
    assert not target.exists()
    install(emulator, target)
    assert target.read_bytes() == emulator.read_bytes()


# -- what it answers -------------------------------------------------------------------------------


def test_the_estimate_of_a_policy_is_what_its_comparison_gives(emulator, tmp_path):
    answer = estimate.estimate_of(units(12), emulator)
    compare = Compare(BASE, [units(12)], Precision(PAIRS))
    findings = conduct(compare, options(tmp_path / "compare"), simulate=stand_in).findings
    effects = findings.scenarios[0]
    for name, of in effects.outcomes.items():
        for period, entry in of.periods.items():
            given = answer.outcomes[name].periods[period]
            assert given.plausible == pytest.approx(entry.plausible, rel=1e-4, abs=1e-4), name
            assert given.median == pytest.approx(entry.median, rel=1e-4, abs=1e-4), name
    assert [one.part for one in answer.by_path] == [one.part for one in effects.by_path]
    for one, other in zip(answer.by_path, effects.by_path, strict=True):
        assert (one.pairs, one.sets, one.paths) == (other.pairs, other.sets, other.paths)


def test_between_two_strengths_the_effect_lies_between(emulator):
    fall = {
        number: estimate.estimate_of(units(number), emulator).effect("channel_arrivals").median
        for number in (6, 9, 12)
    }
    assert fall[6] > fall[9] > fall[12]
    assert fall[9] == pytest.approx((fall[6] + fall[12]) / 2.0, rel=0.01)
    assert "was run at 6 and at 12" in str(simulation.estimate(units(9), emulator=emulator))


def test_what_is_not_straight_is_refused_between_its_strengths(emulator):
    lever = {"partner": "FR", "places_per_week": 75, "from": BEGINS}
    with pytest.raises(InputError, match="not interpolated; the library has 25, 50, 150"):
        estimate.estimate_of(BASE.with_("Returns", return_after_arrival=[lever]), emulator)


def test_an_estimate_has_a_range_for_each_year_and_path_and_no_single_number_of_deaths(emulator):
    changes = simulation.estimate("outlook-adverts", emulator=emulator).changes
    assert set(changes["path"]) == {"all", *PARTS}
    assert set(changes["period"]) == {"run", "2026"}
    arrivals = changes[(changes["outcome"] == "channel_arrivals") & (changes["path"] == "all")]
    assert (arrivals["plausible_low"] <= arrivals["median"]).all()
    deaths = changes[changes["outcome"].str.contains("death")]
    assert len(deaths)
    assert deaths["median"].isna().all()


def test_the_command_prints_the_estimate_and_how_to_run_it(crossings, emulator):
    done = crossings("estimate", "outlook-adverts", "--emulator", str(emulator))
    assert done.exit_code == 0, done.output
    assert "Estimate: " in done.stdout
    assert "crossings compare outlook-adverts" in done.stdout
    printed = crossings("estimate", "outlook-adverts", "--emulator", str(emulator), "--json")
    of_function = simulation.estimate("outlook-adverts", emulator=emulator).details
    assert json.loads(printed.stdout) == json.loads(json.dumps(of_function))


def test_what_has_changed_since_is_named(emulator, monkeypatch):
    assert not estimate.estimate_of("outlook-adverts", emulator).changed
    monkeypatch.setattr(estimate, "simulator_hash", lambda: "another")
    assert estimate.estimate_of("outlook-adverts", emulator).changed == ["the model"]
    assert "the model has changed" in str(simulation.estimate("outlook-adverts", emulator=emulator))


def test_without_a_library_one_line_names_the_command(crossings, monkeypatch, tmp_path):
    monkeypatch.setattr(Library, "file", tmp_path / "none.npz")
    refusal(crossings("estimate", "outlook-adverts"), "crossings compare outlook-adverts")


def test_a_library_of_other_policies_is_refused(crossings, emulator, monkeypatch):
    other = replace(FEW, shipped=["outlook-freeze"])
    monkeypatch.setattr(estimate, "library_for", lambda _: other)
    refusal(crossings("estimate", "outlook-freeze", "--emulator", str(emulator)), "library")


def test_a_comparison_says_what_is_estimated_before_its_first_run(door, emulator, monkeypatch):
    monkeypatch.setattr(Library, "file", emulator)

    def estimates(*scenarios):
        done = door("--replications", 2, "--days", DAYS, "--scale", 0.1, scenarios=scenarios)
        assert done.exit_code == 0, done.output
        return [line for line in done.stderr.splitlines() if "Estimate before any run" in line]

    (line,) = estimates("outlook", "outlook-adverts", "outlook-leaky-sharing")
    assert simulation.Scenario.load("outlook-adverts").title in line
    assert not estimates("outlook", "outlook-adverts", "outlook-leaky-sharing")  # nothing to run
    assert not estimates("outlook-freeze", "outlook-adverts")
    monkeypatch.setattr(estimate, "simulator_hash", lambda: "another")
    assert not estimates("outlook", "outlook-adverts", "outlook-freeze")


# -- its file --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        (lambda arrays: arrays | {"totals": arrays["totals"] * 2.0}, "changed"),
        (lambda arrays: arrays | {"about": np.array("{}")}, "damaged"),
    ],
)
def test_a_file_that_was_changed_is_refused(emulator, tmp_path, change, refused):
    with np.load(emulator) as content:
        arrays = dict(content)
    file = tmp_path / FILE
    np.savez_compressed(file, **change(arrays))
    with pytest.raises(InputError, match=refused):
        load_stored_runs(file)


@pytest.mark.slow
@pytest.mark.parametrize("base", BASES)
def test_a_packaged_library_is_of_this_model_and_small(base):
    # whatever a test before has read of shipped scenarios that stood for others
    anew = load_library.__wrapped__(base)
    stored = load_stored_runs(anew.file)
    assert stored.pairs >= 20  # below that no range is shown
    assert stored.about["library"] == anew.hash
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(estimate, "library_for", lambda _: anew)
        assert not estimate.estimate_of(anew.shipped[0]).changed
