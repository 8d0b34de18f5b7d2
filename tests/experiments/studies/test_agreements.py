"""Agreements on a stand-in for the model, in which it is known what each of them is worth."""

from __future__ import annotations

import csv
import zlib
from dataclasses import replace

import numpy as np
import pyarrow.parquet as pq
import pytest

from simulation.corridor import load_corridor
from simulation.errors import InputError
from simulation.experiments.engine.options import Options
from simulation.experiments.statistics.paired import paired_differences
from simulation.experiments.studies.agreement_study import Wanted
from simulation.experiments.studies.agreements import agreements
from simulation.report import write_experiment_report
from simulation.report.agreement_charts import matrix, ranked, sets_charts
from simulation.scenario import load_scenario
from simulation.wording.agreement_verdicts import verdict
from simulation.wording.agreements import (
    announcement,
    correction,
    deadly,
    headline,
    left_out,
)
from simulation.wording.differences import basis
from tests import synthetic

#: share of arrivals each agreement saves; UK-BE does what UK-FR does already
WORTH = {"UK-FR": 0.20, "UK-BE": 0.15, "RS-HU": 0.08}
#: agreements that change something, and nothing on the whole
NOISE = ("UK-RS",)
#: read once, and not by each run
CORRIDOR = load_corridor()
FIVE = "UK,FR,BE,RS,HU"
SMALL = Wanted(
    among=FIVE, replications=4, refine=4, refine_replications=8, sets=3, candidates=4, yes=True
)


def plain(scenario, **rest):
    """A run to which agreements are nothing."""
    return synthetic.simulate(scenario, **{**rest, "corridor": CORRIDOR})


def stand_in(scenario, *, seed, **rest):
    """A run in which arrivals, deaths and the mapped share answer to the agreements in force."""
    record = plain(scenario, seed=seed, **rest)
    signed = {"-".join(lever.between) for lever in scenario.sharing if lever.level == "high"}
    if "UK-FR" in signed:
        signed.discard("UK-BE")
    left = 1.0
    for key in sorted(signed & {*WORTH, *NOISE}):
        luck = np.random.default_rng([seed, zlib.crc32(key.encode())])
        left *= 1.0 - WORTH.get(key, 0.0) + 0.01 * luck.normal()
    if left != 1.0:
        record.daily["channel_arrivals"] = record.daily["channel_arrivals"] * left
        record.daily["channel_deaths"] = record.daily["channel_deaths"] + (1.0 - left)
        record.daily["mapped_share"] = record.daily["mapped_share"] + 0.1 * (1.0 - left)
    return record


def study(scenario, folder, wanted=SMALL, simulate=stand_in, **more):
    options = Options(workers=2, out=folder)
    return agreements(scenario, options, wanted, simulate=simulate, **more)


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    folder = tmp_path_factory.mktemp("agreements")
    (folder / "small.toml").write_text(synthetic.SCENARIO)
    return study(load_scenario(folder / "small.toml"), folder / "out", name="small.toml")


@pytest.fixture
def pairs(found):
    return {pair["key"]: pair for pair in found.summary["pairs"]}


# -- which agreement buys most ---------------------------------------------------------------------


def test_the_best_come_first_with_what_they_are_worth(found, pairs):
    assert found.summary["ranking"][:3] == ["UK-FR", "UK-BE", "RS-HU"]
    for key, worth in WORTH.items():
        entry = pairs[key]["refined"]["channel_arrivals"]
        assert entry["percent_low"] < -100 * worth < entry["percent_high"]
        assert entry["detectable"]
        assert pairs[key]["refined"]["channel_deaths"]["difference"] > 0
    assert not pairs["UK-RS"]["refined"]["channel_arrivals"]["detectable"]


def test_refined_estimates_come_from_fresh_seeds_alone(found, pairs):
    seeds = found.summary["seeds_of"]
    assert not set(seeds["screening"]) & set(seeds["refined"])
    rows = pq.read_table(found.folder / "runs.parquet").to_pylist()
    values = {
        (row["name"], row["seed"]): row["value"]
        for row in rows
        if row["period"] == "run" and row["outcome"] == "channel_arrivals"
    }
    by_name = {pair["name"]: pair for pair in pairs.values()}
    pair = by_name["UK and France"]
    base, other = (
        [values[name, seed] for seed in seeds["refined"]]
        for name in (found.summary["baseline"], pair["name"])
    )
    wanted = paired_differences(base, other, comparisons=4)
    entry = pair["refined"]["channel_arrivals"]
    assert (entry["low"], entry["high"]) == (float(wanted.low), float(wanted.high))
    single = paired_differences(base, other)
    assert entry["high"] - entry["low"] > 1.2 * float(single.high - single.low)


def test_intervals_of_the_screening_are_widened_for_all_pairs(found, pairs):
    assert found.summary["looks"] == {"screening": 10, "refined": 4}
    text = correction(found.summary)
    for said in ("10 agreements", "4 seeds", "Bonferroni", "winner's curse", "8 fresh seeds"):
        assert said in text


def test_an_agreement_that_changes_nothing_reaches_nobody(found, pairs):
    silent = [key for key, pair in pairs.items() if pair["status"] == "reaches_nobody"]
    assert len(silent) == 10 - len(WORTH) - len(NOISE)
    assert not set(silent) & set(found.summary["ranking"])
    (sentence,) = left_out(found.summary)
    assert "6 of 10 pairs have no effect" in sentence
    assert "FR-HU" in sentence or "HU-FR" in sentence


def test_the_headline_names_the_agreement_its_interval_and_deaths(found):
    first, second, third = headline(found.summary)
    assert "raising UK and France from none to high buys most" in first
    assert "90% interval" in first
    assert second.startswith("Deaths in the Channel +")
    assert "widened for looking at 4 agreements" in second
    assert "flattens" in third


def test_the_tables_hold_every_pair_and_every_set(found):
    rows = list(csv.DictReader((found.folder / "agreements.csv").read_text().splitlines()))
    assert {row["agreement"] for row in rows} == {p["key"] for p in found.summary["pairs"]}
    refined = {row["agreement"] for row in rows if row["stage"] == "refined"}
    assert refined == {*WORTH, *NOISE}
    sets = list(csv.DictReader((found.folder / "sets.csv").read_text().splitlines()))
    assert {(row["size"], row["difference_of"]) for row in sets} >= {("1", "added"), ("2", "total")}


def test_the_same_command_runs_nothing_again(found):
    scenario = load_scenario(found.folder.parent / "small.toml")
    again = study(scenario, found.folder, name="small.toml")
    assert again.ran == 0
    same = ("pairs", "sets", "ranking")
    assert [again.summary[key] for key in same] == [found.summary[key] for key in same]


def test_by_another_outcome_the_ranking_is_another(small, tmp_path):
    wanted = replace(SMALL, by="mapped_share", sets=1)
    best = study(small, tmp_path / "out", wanted).summary
    assert best["ranking"][0] == "UK-FR"
    assert best["sets"][0]["total"]["mapped_share"]["difference"] > 0
    wanted = replace(SMALL, by="channel_deaths", sets=1)
    worst = study(small, tmp_path / "deaths", wanted).summary
    assert worst["ranking"].index("UK-FR") == 3
    assert worst["sets"] == [] or worst["sets"][0]["added_key"] == "UK-RS"


# -- sets ------------------------------------------------------------------------------------------


def test_a_set_leaves_out_what_its_members_do_already(found):
    summary = found.summary
    assert [entry["added_key"] for entry in summary["sets"][:2]] == ["UK-FR", "RS-HU"]
    both = summary["sets"][1]["total"]["channel_arrivals"]
    assert both["percent"] == pytest.approx(-100 * (1 - 0.8 * 0.92), abs=1.5)
    assert summary["flat_after"] == 2
    assert all(not entry["buys"] for entry in summary["sets"][2:])


def test_sets_are_measured_with_seeds_that_chose_nothing(small, tmp_path):
    seen_file = tmp_path / "seen.txt"

    def watched(scenario, *, seed, **rest):
        with seen_file.open("a") as file:
            file.write(f"{seed} {len(scenario.sharing)}\n")
        return stand_in(scenario, seed=seed, **rest)

    summary = study(small, tmp_path / "out", simulate=watched).summary
    seen = [tuple(map(int, line.split())) for line in seen_file.read_text().splitlines()]
    chosen_with = {*summary["seeds_of"]["screening"], *summary["seeds_of"]["refined"]}
    measured = {seed for seed, signed in seen if signed == 2} - chosen_with
    assert len(measured) == SMALL.refine_replications
    assert summary["sets"][1]["total"]["channel_arrivals"]["pairs"] == len(measured)


def test_the_best_set_is_a_scenario_that_stands_for_itself(found):
    best = load_scenario(found.folder / "best-set.toml")
    assert best.parent is None
    assert [lever.between for lever in best.sharing] == [("UK", "FR"), ("RS", "HU")]
    assert best.hash() == load_scenario(found.folder / "sets" / "set-2.toml").hash()
    words = found.summary["best_set_command"]
    assert words == f"crossings compare small.toml {found.folder / 'best-set.toml'}"


def test_a_step_within_a_set_that_buys_nothing_is_no_gain(small, tmp_path):
    def swaying(scenario, *, seed, **rest):
        """The first agreement is a gamble, the second a small gain on top of any."""
        record = plain(scenario, seed=seed, **rest)
        signed = {"-".join(lever.between) for lever in scenario.sharing}
        saved = 0.6 * np.sin(2.4 * seed) + 0.1 if "UK-FR" in signed else 0.0
        saved += 0.02 if "UK-BE" in signed else 0.0
        record.daily["channel_arrivals"] = record.daily["channel_arrivals"] * (1.0 - saved)
        return record

    wanted = replace(SMALL, among="UK,FR,BE", with_="UK", sets=2, refine_replications=12)
    summary = study(small, tmp_path / "out", wanted, simulate=swaying).summary
    assert [entry["added_key"] for entry in summary["sets"]] == ["UK-FR", "UK-BE"]
    assert [entry["buys"] for entry in summary["sets"]] == [False, True]
    assert not summary["sets"][1]["total"]["channel_arrivals"]["detectable"]
    assert summary["flat_after"] == 0
    assert "none of up to 2 agreements lowers" in headline(summary)[-1]


def test_sets_end_when_nothing_more_is_bought(small, tmp_path):
    wanted = replace(SMALL, among="UK,FR,BE", sets=3, candidates=3)
    summary = study(small, tmp_path / "out", wanted).summary
    assert [entry["added_key"] for entry in summary["sets"]] == ["UK-FR"]
    assert summary["sets_exhausted"]


# -- the page --------------------------------------------------------------------------------------


def test_the_matrix_marks_what_is_detectable_and_pales_the_rest(found, pairs):
    pale, strong, dots = matrix(found.summary, "channel_arrivals").figure.data
    codes = list(strong["x"])
    both = {frozenset(key.split("-")) for key in WORTH}
    assert {frozenset(cell) for cell in zip(dots["x"], dots["y"], strict=True)} == both
    at = codes.index("UK"), codes.index("FR")
    wanted = pairs["UK-FR"]["refined"]["channel_arrivals"]["difference"]
    assert strong["z"][at] == strong["z"][at[::-1]] == wanted
    assert np.isnan(pale["z"][at])
    assert pale["opacity"] < 1.0
    assert pale["z"][codes.index("BE"), codes.index("HU")] == 0.0
    assert strong["zmin"] == -strong["zmax"]
    assert "no effect" in strong["text"][codes.index("BE"), codes.index("HU")]


def test_dots_are_filled_where_an_effect_is_detectable(found):
    for charts, count in ((ranked(found.summary), 4), (sets_charts(found.summary), 3)):
        assert [chart.key.split("-", 2)[2] for chart in charts] == [
            "channel-arrivals", "channel-deaths",
        ]  # fmt: skip
        for chart in charts:
            filled = {
                trace["name"]: len(trace["x"])
                for trace in chart.figure.data
                if trace["mode"] == "markers"
            }
            assert filled["interval leaves out zero"] == 3
            assert filled.get("no detectable effect", 0) == count - 3
            axis = chart.figure.layout["xaxis"]
            assert axis["title"]["text"] == "change from the baseline, people"
            assert axis["range"][0] < 0.0 < axis["range"][1]


def test_agreements_that_raise_deaths_are_named(found):
    text = deadly(found.summary)
    assert text.startswith("3 agreements raise deaths")
    assert all(key in text for key in WORTH)
    page = write_experiment_report(found.folder).read_text()
    assert text in page
    assert found.summary["best_set_command"] in page


def test_too_few_refined_pairs_judge_nothing_and_the_screening_is_not_meant(found, small, tmp_path):
    few = "pairs are too few to call any difference a rise or a fall"
    summary = study(small, tmp_path / "few", replace(SMALL, refine_replications=7, sets=1)).summary
    assert f"7 {few}" in correction(summary)
    assert verdict(summary) == "unclear"
    assert (
        "too few pairs (7) to say whether it is a fall: that needs 8 or more"
        in headline(summary)[0]
    )
    # screened with four, judged by eight
    assert len(found.summary["seeds_of"]["screening"]) == 4
    assert few not in correction(found.summary) + basis(found.summary)


# -- nothing to see, no room, failures -------------------------------------------------------------


def test_when_nothing_is_detectable_it_says_so_and_what_would_settle_it(small, tmp_path):
    def faint(scenario, *, seed, **rest):
        record = plain(scenario, seed=seed, **rest)
        if scenario.sharing:
            luck = np.random.default_rng([seed, len(scenario.sharing)])
            record.daily["channel_arrivals"] *= 1.0 - 0.01 + 0.05 * luck.normal()
        return record

    wanted = replace(SMALL, among="UK,FR,RS", refine=2, sets=1)
    summary = study(small, tmp_path / "out", wanted, simulate=faint).summary
    first = headline(summary)[0]
    assert first.startswith("No single agreement changes small-boat arrivals in the UK detectably")
    pair = next(p for p in summary["pairs"] if p["key"] == summary["ranking"][0])
    settle = pair["refined"]["channel_arrivals"]["pairs_to_settle"]
    assert f"some {settle - 8:,} more pairs of runs would probably (4 in 5) show it" in first
    assert f"(--refine-replications {settle})" in first
    assert summary["flat_after"] == 0
    assert headline(summary)[-1].startswith(
        "Sets: none of up to one agreement lowers small-boat arrivals in the UK detectably"
    )
    assert load_scenario(tmp_path / "out" / "best-set.toml").sharing


def test_when_nobody_is_reached_it_says_so(small, tmp_path):
    wanted = replace(SMALL, among="DE,AT,CH")
    summary = study(small, tmp_path / "out", wanted).summary
    assert summary["ranking"] == []
    assert summary["sets"] == []
    assert "no effect on anyone in the model" in headline(summary)[0]
    assert not (tmp_path / "out" / "best-set.toml").exists()


def test_a_pair_at_high_has_no_room_and_is_not_run(scenario_file, tmp_path):
    with scenario_file.open("a") as file:
        file.write('[[sharing]]\nbetween = ["RS", "HU"]\nlevel = "full"\n')
    summary = study(load_scenario(scenario_file), tmp_path / "out").summary
    pair = next(p for p in summary["pairs"] if p["key"] == "RS-HU")
    assert (pair["status"], pair["before"], pair["screening"]) == ("no_room", "full", None)
    assert (
        "1 of 10 pairs share at high or above already and were not run: RS-HU"
        in left_out(summary)[0]
    )
    assert summary["looks"]["screening"] == 9


def test_a_run_that_fails_costs_its_pair_only(small, tmp_path):
    def failing(scenario, *, seed, **rest):
        if any(lever.between == ("UK", "BE") for lever in scenario.sharing):
            raise ValueError("no boat")
        return stand_in(scenario, seed=seed, **rest)

    summary = study(small, tmp_path / "out", simulate=failing).summary
    status = {pair["key"]: pair["status"] for pair in summary["pairs"]}
    assert status["UK-BE"] == "failed"
    assert status["UK-FR"] == "raised"
    assert {failure["case"] for failure in summary["failed"]} == {"UK and Belgium"}
    assert "no boat" in summary["failed"][0]["error"]


def test_when_every_run_fails_the_first_error_is_told(small, tmp_path):
    def failing(scenario, **rest):
        raise ValueError("no boat")

    with pytest.raises(InputError, match="no boat"):
        study(small, tmp_path / "out", simulate=failing)


def test_the_plan_is_what_is_run(small, tmp_path):
    def everybody_gains(scenario, *, seed, **rest):
        record = plain(scenario, seed=seed, **rest)
        for lever in scenario.sharing:
            share = zlib.crc32("".join(lever.between).encode()) / 2**36
            record.daily["channel_arrivals"] *= 0.99 - share
        return record

    plans = []
    wanted = replace(SMALL, refine=5, sets=3, candidates=6)
    done = study(small, tmp_path / "out", wanted, simulate=everybody_gains, announce=plans.append)
    (plan,) = plans
    assert plan.runs == done.ran
    assert plan.missing == plan.screening - 1
    assert plan.seconds > 0
    assert f"{plan.runs} in all" in announcement(plan)
    assert "s, so some" in announcement(plan)


def test_many_runs_are_not_started_unasked(small, tmp_path):
    wanted = replace(SMALL, among=None, yes=False)
    with pytest.raises(InputError) as error:
        study(small, tmp_path / "out", wanted)
    assert error.value.key == "--yes"
    assert "1,040 runs for 231 agreements, some" in str(error.value)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"by": "channel_arivals"}, "--by"),
        ({"replications": 1}, "--replications"),
        ({"refine": -1}, "--refine"),
        ({"refine_replications": 1}, "--refine-replications"),
        ({"sets": -1}, "--sets"),
        ({"sets": 5, "candidates": 4}, "--candidates"),
    ],
)
def test_what_cannot_be_used_is_refused(small, tmp_path, change, key):
    with pytest.raises(InputError) as error:
        study(small, tmp_path / "out", replace(SMALL, **change))
    assert error.value.key == key
    assert not (tmp_path / "out").exists()
