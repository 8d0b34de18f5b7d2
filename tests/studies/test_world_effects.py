"""Effects by future path, and the split of their variance, through a comparison of made-up runs."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from simulation.engine.options import Options
from simulation.engine.world_design import PARTS, WorldDesign
from simulation.report.blocks import Table
from simulation.report.terminal import show
from simulation.scenario import parse_scenario
from simulation.statistics.paired import DIRECTION_PAIRS
from simulation.studies.compare import Precision
from simulation.wording import worlds
from simulation.wording.quoting import quotable
from tests import synthetic
from tests.answering import place
from tests.conducting import agreements, compare, sweep
from tests.reading import csv_rows, page_of, unwrapped

RUN = "[run]\nstart = 2026-07-01\nend = 2026-08-31\nwarm_up_days = 0\n"
BASE = parse_scenario(f'title = "Base"\n{RUN}')
OTHER = parse_scenario(f'title = "Other"\n{RUN}[sharing_default]\nlevel = "full"\n')
DESIGN = WorldDesign(1, "ranges", ("2026-07", "2026-08"))
#: percentage points of the effect: by the set (0 to 1), by the path (0 to 1), by the seed (normal)
OF_SET, OF_PATH, OF_SEED = 20.0, -30.0, 2.0


def simulate(scenario, *, seed, parameters=None, **how):
    """100 arrivals a day, and with the policy an effect of known parts."""
    record = synthetic.simulate(scenario, seed=seed, **how)
    arrivals = np.full(len(record.dates), 100.0)
    if scenario.title == "Other":
        position = POSITIONS[scenario.future.draw]
        luck = np.random.default_rng(seed).normal()
        share = place(parameters, "sharing.low_coverage")
        effect = OF_SET * share + OF_PATH * position + OF_SEED * luck
        arrivals *= 1.0 + effect / 100.0
    record.daily["channel_arrivals"] = arrivals
    return record


POSITIONS: dict[int | None, float | None] = {}


@pytest.fixture(scope="module", autouse=True)
def positions():
    """Where each path lies."""
    for seed in range(1, 129):
        POSITIONS[DESIGN.scenario_of(BASE, seed).future.draw] = DESIGN.position(seed)


def answer(folder: Path, pairs: int, **how):
    """The comparison of so many pairs."""
    options = Options(workers=1, out=folder, assumptions="ranges", **how)
    return compare(BASE, [OTHER], options, precision=Precision(pairs), simulate=simulate).findings


@pytest.fixture(scope="module")
def comparison(tmp_path_factory):
    folder = tmp_path_factory.mktemp("worlds") / "out"
    return folder, answer(folder, 32)


def test_the_effect_is_stated_by_path(comparison):
    (one,) = comparison[1].scenarios
    assert [path.part for path in one.by_path] == [*PARTS]
    low, middle, high = (path.outcomes["channel_arrivals"].mean_percent for path in one.by_path)
    third = OF_PATH / 3.0
    assert middle - low == pytest.approx(third, abs=5.0)
    assert high - middle == pytest.approx(third, abs=5.0)
    assert sum(path.pairs for path in one.by_path) == 32


def test_the_variance_is_split(comparison):
    split = comparison[1].scenarios[0].variance["channel_arrivals"]
    assert split.sets + split.paths + split.chance == pytest.approx(1.0)
    # (30^2 / 12 = 75, the triangle of the record some 20^2 / 24 = 17, and 4)
    assert split.paths > split.sets > split.chance
    assert split.sd_chance == pytest.approx(OF_SEED, rel=0.6)
    assert split.percent
    # the parts of the deaths of single pairs are no answer
    assert "channel_deaths" not in comparison[1].scenarios[0].variance


def test_the_range_over_worlds_is_in_findings_and_files(comparison):
    """Sets move the effect by up to 20 points and paths by up to 30; chance is removed."""
    folder, findings = comparison
    (one,) = findings.scenarios
    entry = one.effect("channel_arrivals")
    assert entry.plausible_unit == "%"
    assert -32.0 < entry.plausible_low < entry.median < entry.plausible_high < 22.0
    assert 20.0 < entry.plausible_high - entry.plausible_low < 48.0
    assert 0.0 < entry.plausible_low_error < 15.0
    assert 0.0 < entry.fall_beyond_10 < entry.fall_beyond_1 <= entry.probability_of_fall < 1.0
    (row,) = csv_rows(folder / "differences.csv", outcome="channel_arrivals", period="run")
    for name in ("plausible_low", "median", "plausible_high", "probability_of_fall"):
        assert float(row[name]) == getattr(entry, name)
    deaths = one.effect("channel_deaths")
    assert deaths.plausible_unit == "people"
    assert deaths.fall_beyond_1 is None
    # a third of the pairs is too few for a range, and has a median
    for part in one.by_path:
        third = part.outcomes["channel_arrivals"]
        assert third.plausible is None
        assert third.median is not None


def test_the_interval_counts_each_set_once(comparison):
    entry = comparison[1].scenarios[0].effect("channel_arrivals")
    assert (entry.pairs, entry.groups) == (32, 16)
    rows = csv_rows(comparison[0] / "pair_differences.csv", outcome="channel_arrivals")
    by_set = {}
    for row in rows:
        by_set.setdefault(row["set"], []).append(float(row["percent"]))
    means = np.array([np.mean(values) for values in by_set.values()])
    assert entry.mean_percent == pytest.approx(means.mean())
    assert (entry.mean_percent_high - entry.mean_percent_low) / 2.0 == pytest.approx(
        1.753 * means.std(ddof=1) / 4.0, rel=1e-3
    )  # Student's t with 15 degrees of freedom


def test_the_page_says_how_many_pairs_the_effect_by_path_needs(comparison):
    from simulation.report.experiment import write_experiment_report

    write_experiment_report(comparison[0])
    page = unwrapped(page_of(comparison[0]))
    assert "The effect by future path needs some 60 pairs." in page
    assert not any(words in page for words in worlds.IF.values())


def test_too_few_pairs_say_how_many_it_needs(tmp_path):
    few = answer(tmp_path / "out", 6)
    assert few.scenarios[0].variance == {}
    assert few.pairs_to_split == 32


# -- a third of the paths rests on few sets --------------------------------------------------------


def fatal(scenario, *, seed, **how):
    """Deaths that fall on paths of few people and rise on those of many, with none in the mean."""
    record = simulate(scenario, seed=seed, **how)
    days = len(record.dates)
    luck = np.random.default_rng(seed).normal()
    change = 0.0
    if scenario.title == "Other":
        change = 200.0 * (POSITIONS[scenario.future.draw] - 0.5) + luck
    record.daily["channel_deaths"] = np.full(days, (300.0 + luck + change) / days)
    return record


@pytest.fixture(scope="module")
def thirds(tmp_path_factory):
    """Comparisons of these deaths, by their number of pairs."""
    folder = tmp_path_factory.mktemp("thirds")

    def comparison_of(pairs: int):
        options = Options(workers=1, out=folder / str(pairs), assumptions="ranges")
        return compare(BASE, [OTHER], options, precision=Precision(pairs), simulate=fatal)

    return {pairs: comparison_of(pairs) for pairs in (8, 24, 64)}


def shown(one):
    """The tables by future path as a terminal shows them, and the words of the page."""
    from simulation.report.comparison import summary
    from simulation.report.experiment import write_experiment_report

    write_experiment_report(one.folder)
    tables = [
        block for block in summary(quotable(one.findings))
        if isinstance(block, Table) and "future path" in block.title.lower()
    ]  # fmt: skip
    return tables, unwrapped(page_of(one.folder))


def test_a_third_says_on_how_many_sets_and_pairs_it_rests(thirds):
    one = thirds[64]
    (table,), page = shown(one)
    for third, row in zip(one.findings.scenarios[0].by_path, table.rows, strict=True):
        own = [world for world in one.findings.worlds if world.part == third.part]
        assert (third.pairs, third.sets) == (len(own), len({world.set for world in own}))
        # arrivals of a third with enough sets have a range
        assert third.sets >= DIRECTION_PAIRS
        assert third.outcomes["channel_arrivals"].interval is not None
        words = f"{third.pairs} pairs of {third.sets} sets"
        assert words in f"{row.label} {row.below}"
        assert words in page


# -- sweeps and agreements have the same lines -----------------------------------------------------


def shared(scenario, *, seed, parameters=None, **how):
    """As `simulate`, where the policy is an agreement, or full sharing."""
    level = scenario.sharing_default and scenario.sharing_default.level
    title = "Other" if scenario.sharing or level == "full" else "Base"
    named = scenario.model_copy(update={"title": title})
    return simulate(named, seed=seed, parameters=parameters, **how)


def swept(folder):
    options = Options(workers=1, out=folder, assumptions="ranges")
    done = sweep(BASE, ["sharing_default=medium,full"], options, replications=64, simulate=shared)
    (contrast,) = done.findings.contrasts
    assert done.findings.pairs_to_split == DESIGN.pairs_to_split()
    return done, done.findings.points[-1], contrast


def agreed(folder):
    options = Options(workers=1, out=folder, assumptions="ranges")
    asked = {"among": "UK,FR", "replications": 2, "refine": 1,
             "refine_replications": 64, "yes": True}  # fmt: skip
    done = agreements(BASE, options, simulate=shared, **asked)
    (pair,) = done.findings.pairs
    assert done.findings.pairs_to_split == DESIGN.pairs_to_split(2)
    return done, pair


@pytest.fixture(scope="module", params=[swept, agreed], ids=["sweep", "agreements"])
def studied(request, tmp_path_factory):
    return request.param(tmp_path_factory.mktemp(request.param.__name__) / "out")


@pytest.mark.slow
def test_other_studies_say_what_paths_and_sets_decide(studied):
    _, *effects = studied
    for one in effects:
        assert [third.part for third in one.by_path] == [*PARTS]
        low, _, high = (third.outcomes["channel_arrivals"].mean_percent for third in one.by_path)
        assert low - high > 10.0
        split = one.variance["channel_arrivals"]
        assert split.paths > split.chance


@pytest.mark.slow
def test_other_studies_show_it_as_a_comparison_does(studied):
    from simulation.report.experiment import presentation_of, write_experiment_report

    done, first, *_ = studied
    folder = done.folder
    write_experiment_report(folder)
    page = unwrapped(page_of(folder))
    screen = io.StringIO()
    show(presentation_of(folder).printed(done.findings), Console(file=screen, width=80))
    for text in (page, unwrapped(screen.getvalue())):
        for words in ("If few set out", "pairs of"):
            assert words in text
    thirds = csv_rows(folder / "path_differences.csv", outcome="channel_arrivals")
    wanted = [third.outcomes["channel_arrivals"].mean_percent for third in first.by_path]
    assert [float(row["mean_percent"]) for row in thirds][-3:] == pytest.approx(wanted)
    pairs = csv_rows(folder / "pair_differences.csv", outcome="channel_arrivals")
    assert len({(row["set"], row["path"], row["seed"]) for row in pairs}) == len(
        done.findings.seeds
    )
