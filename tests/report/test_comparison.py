import csv
import json
import math
import re
import shutil
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.engine.findings import Effect
from simulation.engine.options import Options
from simulation.engine.result_folder import read_findings
from simulation.engine.run_store import OUTCOME_NAMES
from simulation.engine.world_design import Worlds
from simulation.outcomes import OUTCOMES, RunRecord
from simulation.parameters import load_parameters
from simulation.report.comparison_charts import Comparison, percent_dot, read_comparisons
from simulation.report.comparison_months import month_charts
from simulation.report.drawing import BEYOND, Dot, dots
from simulation.report.experiment import write_experiment_report
from simulation.scenario import load_scenario
from simulation.statistics.plausible_range import plausible_effects
from simulation.studies.compare import ComparisonFindings, Precision, ScenarioEffects
from simulation.wording import quoting
from tests import synthetic
from tests.comparing import corridor
from tests.conducting import compare
from tests.trust.markup import Parts

#: charts of each scenario
CHARTS = {
    "outcomes", "chain", "months", "other-months", "change-map", "change-channel", "ends", "stages",
}  # fmt: skip
#: the name of dots that are effects
CLEAR = "clear change"
_LEVELS = ("", "low", "full")
_RECORDS: dict[tuple, RunRecord] = {}


def simulate(scenario, *, seed, **options):
    """The stand-in, with a tenth fewer arrivals than its baseline in any other scenario."""
    # what is made up follows from the seed and the days alone, whatever the scenario
    key = (seed, scenario.run.start, scenario.run.end, options.get("days"))
    if key not in _RECORDS:
        options["corridor"] = corridor()
        _RECORDS[key] = synthetic.simulate(scenario, seed=seed, **options)
    record = replace(_RECORDS[key], scenario_title=scenario.title)
    if scenario.title == "A small test":
        return record
    daily = dict(record.daily)
    daily["channel_arrivals"] = daily["channel_arrivals"] * 0.9
    daily["lorry_arrivals"] = daily["lorry_arrivals"] + 1.0
    rise = np.where(np.arange(record.leg_departures.shape[1]) == 3, 50.0, 0.0)
    return replace(record, daily=daily, leg_departures=record.leg_departures + rise)


def compared(folder: Path, titles: list[str], *, ladder: bool = False) -> Path:
    """A finished comparison of scenarios with these titles against `A small test`."""
    scenarios = []
    for number, title in enumerate(["A small test", *titles]):
        path = folder / f"case{number}.toml"
        text = synthetic.SCENARIO.replace("A small test", title).replace("2023-02-28", "2024-02-20")
        # cases of one content are run once, whatever they are called
        level = (
            "" if title == "A small test" else f'[sharing_default]\nlevel = "{_LEVELS[number]}"\n'
        )
        path.write_text(text + level, encoding="utf-8")
        scenarios.append(load_scenario(path))
    done = compare(
        scenarios[0],
        scenarios[1:],
        Options(out=folder / "results" / "compare-case" / "s1", workers=1),
        Precision(replications=8),
        ladder=ladder,
        command="crossings compare case0.toml case1.toml",
        simulate=simulate,
    )
    return done.folder


def page_of(folder: Path) -> str:
    return write_experiment_report(folder).read_text(encoding="utf-8")


def named(traces: list[dict], name: str) -> dict:
    """The trace of a figure that has this name."""
    return next(trace for trace in traces if trace.get("name") == name)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return compared(tmp_path_factory.mktemp("compared"), ["Fewer", "Another"], ladder=True)


@pytest.fixture(scope="module")
def text(folder) -> str:
    return page_of(folder)


@pytest.fixture(scope="module")
def page(text) -> Parts:
    return Parts(text)


@pytest.fixture(scope="module")
def plots(page) -> dict[str, dict]:
    return page.figures()


def test_every_scenario_has_every_chart_with_its_data(page, plots):
    ladder = {"ladder-arrivals", "ladder-deaths"}
    wanted = {f"plot-{name}-{number}" for name in {*CHARTS, *ladder} for number in (0, 1)}
    wanted.add("plot-answer")
    assert set(plots) == wanted
    downloads = page.downloads()
    assert set(downloads) == {f"{name.removeprefix('plot-')}.csv" for name in wanted}
    assert all(len(lines) >= 3 for lines in downloads.values())
    assert all(line.startswith("channel_deaths,") for line in downloads["ladder-deaths-0.csv"][1:])
    for figure in plots.values():
        assert len(go.Figure(figure).data) == len(figure["data"])


def test_deaths_stand_beside_arrivals_wherever_there_are_arrivals(text, plots):
    headline = re.search(r'<p class="headline">(.*?)</p>', text)[1]
    assert headline.count("Small-boat arrivals: ") == headline.count("Deaths in the Channel: ") == 1
    labels = " ".join(plots["plot-outcomes-0"]["data"][-1]["text"])
    assert "<b>Small-boat arrivals in the UK</b>" in labels
    assert "<b>Deaths in the Channel</b>" in labels
    # without and with responses, and what these change
    assert re.search(r"With no adaptation arrivals (.*?)</p>", text)[1].count("deaths") == 3


def test_what_is_told_apart_looks_different_without_colour(plots):
    markers = {
        trace["name"]: set(trace["marker"]["symbol"])
        for trace in plots["plot-outcomes-0"]["data"]
        if trace["mode"] == "markers" and trace["name"] != BEYOND
    }
    assert markers == {CLEAR: {"circle"}, "no clear change": {"circle-open"}}
    effects = named(plots["plot-outcomes-0"]["data"], CLEAR)
    words = [label.split("<br>")[0] for label in effects["text"]]
    assert OUTCOMES["channel_arrivals"].label in words
    assert OUTCOMES["channel_boats"].label not in words
    assert effects["x"][words.index(OUTCOMES["channel_arrivals"].label)] == pytest.approx(
        -10, abs=0.1
    )


def test_a_dot_is_filled_by_the_rule_of_the_tables_bold():
    effect = Effect(
        baseline=2.0, scenario=5.0, mean_difference=3.0, mean_low=1.0, mean_high=5.0, pairs=9,
        mean_percent=150.0, mean_percent_low=20.0, mean_percent_high=280.0,
        mean_probability=0.96, detectable=True,
    )  # fmt: skip

    def other(outcome: str, **more) -> Dot:
        return percent_dot(outcome, effect.model_copy(update=more))

    dot = other("channel_boats")
    assert dot.detectable
    assert not other("channel_boats", mean_percent_low=-20.0).detectable
    assert (dot.mean, dot.low, dot.high) == (150.0, 20.0, 280.0)
    assert dot.text == "+150% (+20% to +280%)"
    assert "+3 boats (+1 to +5)" in dot.hover
    none = dict.fromkeys(("mean_percent", "mean_percent_low", "mean_percent_high"))
    deaths = other("channel_deaths", **none)
    assert math.isnan(deaths.mean)
    assert deaths.text == "+1 to +5 people"
    # of a share the difference is in points
    share = other("mapped_share", mean_difference=0.2, mean_low=-0.02, mean_high=0.4, **none)
    assert share.text == "+20 points (-2 to +40 points)"


def test_what_people_do_instead_adds_up_to_nothing(page):
    rows = [line.split(",")[3:6] for line in page.downloads()["ends-0.csv"][1:]]
    # of deaths only the ends are there
    differences = [
        float(mean) if mean else (float(low) + float(high)) / 2.0 for mean, low, high in rows
    ]
    assert [not mean for mean, *_ in rows].count(True) == 2
    assert len(differences) == 9  # with returns after arrival, which are in these numbers
    assert differences[0] < 0 < differences[2]
    assert sum(differences) == pytest.approx(0, abs=0.1)


def test_departures_by_part_of_the_way_are_sums_of_their_legs(page, real_corridor):
    """Of the one leg on which more set out; means of travel add up to their part."""
    _, *lines = page.downloads()["stages-0.csv"]
    rows = [(stage, means, float(more)) for stage, means, _, _, more, *_ in csv.reader(lines)]
    leg = real_corridor.legs[3]
    parts = {stage: more for stage, means, more in rows if means == "all"}
    risen = parts.pop(leg.stage)
    assert risen > 0
    assert set(parts.values()) == {0.0}
    by_means = {means: more for stage, means, more in rows if stage == leg.stage and means != "all"}
    assert by_means.get(leg.mode, risen) == pytest.approx(risen)
    assert sum(by_means.values()) in (0.0, pytest.approx(risen))


def test_the_charts_of_the_whole_run_have_the_sums_of_its_months(folder):
    findings = read_findings(folder, ComparisonFindings)
    for comparison in read_comparisons(folder, findings):
        at = OUTCOME_NAMES.index("channel_arrivals")
        np.testing.assert_allclose(
            comparison.totals[:, :, at], comparison.by_month[:, :, :, at].sum(axis=2)
        )


def test_the_map_shows_the_one_leg_that_changes(plots, real_corridor):
    traces = plots["plot-change-map-0"]["data"]
    lines = {trace["name"]: trace["line"] for trace in traces if "name" in trace}
    more, fewer = lines["more set out"], lines["fewer set out"]
    assert all(more[look] != fewer[look] for look in ("dash", "color"))
    drawn = [
        trace["line"]["color"] for trace in traces
        if "line" in trace and "name" not in trace and any(x is not None for x in trace["x"])
    ]  # fmt: skip
    assert more["color"] in drawn
    assert fewer["color"] not in drawn
    hovers = [text for trace in traces for text in trace.get("text", []) if "set out" in text]
    (changed,) = [text for text in hovers if "no clear change" not in text]
    names = {place.id: place.name for place in real_corridor.places}
    leg = real_corridor.legs[3]
    assert changed.startswith(f"{names[leg.origin]} to {names[leg.target]} ({leg.mode})")


def test_the_menu_shows_one_outcome_at_a_time(plots):
    figure = plots["plot-other-months-0"]
    (menu,) = figure["layout"]["updatemenus"]
    for button in menu["buttons"]:
        visible = button["args"][0]["visible"]
        assert len(visible) == len(figure["data"])
        # of deaths the band alone
        assert sum(visible) == (2 if "Deaths" in button["label"] else 5)
    assert sum(trace["visible"] for trace in figure["data"]) == 5


def test_the_table_has_years_the_whole_run_and_marks_what_is_told_apart(text):
    table = re.search(r'<table class="compared">.*?</table>', text, re.DOTALL)[0]
    heads = re.findall(r'<th scope="col">(.*?)</th>', table)
    assert heads == [
        "Outcome", "Baseline", "Scenario", "2023", "2024 (1 Jan to 20 Feb)", "whole run",
    ]  # fmt: skip
    row = re.search(r'<tr class="first"><th[^>]*>Small-boat arrivals.*?</tr>', table)[0]
    assert row.count("<strong>-") == 3
    assert "<strong>-10.0%</strong><small>same in all 8 pairs</small>" in row


def test_the_table_and_the_chart_of_outcomes_say_how_many_stand_out_by_chance(text, folder):
    findings = read_findings(folder, ComparisonFindings)
    each = [list(map(one.effect, OUTCOMES)) for one in findings.scenarios]
    with_interval = [
        sum(e.interval is not None and not quoting.same(e.interval) for e in effects)
        for effects in each
    ]
    assert min(with_interval) > 1
    said = re.findall(r"(about \d+|fewer than one) of (\d+) outcomes would leave zero", text)
    assert len(said) >= 2 * len(with_interval)
    for few, several in said:
        assert int(several) in with_interval
        expected = round((1.0 - findings.coverage) * int(several))
        assert few == (f"about {expected}" if expected else "fewer than one")


def test_assumptions_are_counted_and_the_command_is_named(text):
    records = load_parameters().records()
    assumed = sum(record.confidence == "assumption" for record in records)
    assert f"{assumed} of the model's {len(records)} numbers are assumptions" in unescape(text)
    assert "<code>crossings sensitivity case1.toml --baseline case0.toml</code>" in text


def test_a_sensitivity_analysis_beside_it_is_quoted(folder):
    beside = folder.parent.parent / "sensitivity-case" / "s1"
    beside.mkdir(parents=True)
    effects = [{"record": "market.<i>skill", "told": True}, {"record": "sea.calm", "told": False}]
    content = {
        "kind": "sensitivity", "scenario": "Another", "baseline": "A small test", "plan": {},
        "headline": "channel_arrivals", "fixed_by_scenarios": [], "replications_per_point": 1,
        "point_seeds": [1], "noise_seeds": [1, 2], "records": {}, "survivors": [],
        "design": {"levels": 4, "step": 0.5, "trajectories": 4, "samples": 0, "points": 8},
        "outcomes": {"channel_arrivals": {"screening": {"effects": effects}, "variance": None}},
    }  # fmt: skip
    (beside / "summary.json").write_text(json.dumps(content), encoding="utf-8")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    base, _, other = manifest["identity"]["cases"]
    assert other[0] == "Another"
    # one of a file with the same title that has been changed since says nothing of this comparison
    for cases in ([base, [other[0], "0" * 64]], [base, other]):
        written = {key: value for key, value in manifest.items() if "checksum" not in key}
        written |= {"kind": "sensitivity", "identity": {**manifest["identity"], "cases": cases}}
        (beside / "manifest.json").write_text(
            json.dumps(written), encoding="utf-8"
        )
        text = page_of(folder)
        assert ("sensitivity-case" in text) == (cases[1] == other)
    shutil.rmtree(beside.parent)
    assert "<code>market.&lt;i&gt;skill</code>" in text
    assert "sea.calm" not in text
    assert 'href="../../sensitivity-case/s1/report.html"' in text
    assert text.count("<code>crossings sensitivity ") == 1, "the other scenario is still not asked"


def test_the_page_answers_every_question(text):
    assert re.findall(r'<section id="([a-z-]+)"', text) == [
        "answer", "why", "beside", "differences", "years", "months", "map", "displacement",
        "ladder", "assumptions", "limits", "provenance",
    ]  # fmt: skip


def test_of_one_scenario_the_first_page_is_open_and_the_scenario_is_named_once(tmp_path):
    text = page_of(compared(tmp_path, ["Fewer"]))
    open_ones = re.findall(r'<section id="([a-z-]+)"(?! class="folded")', text)
    assert open_ones == ["answer", "why", "beside", "provenance"]
    # the ladder was not asked for
    assert set(Parts(text).figures()) == {
        "plot-answer",
        "plot-verdicts",
        *(f"plot-{name}-0" for name in CHARTS),
    }
    assert "<title>“Fewer” against “A small test”</title>" in text
    header = re.search(r"<header>(.*?)</header>", text, re.S)[1]
    assert re.search("<h1>Fewer: .*fewer", header)
    assert (header.count("Fewer"), header.count("A small test")) == (2, 1)
    assert "“Fewer” against “A small test”, from 1 January 2023 to 20 February 2024." in header


# -- axes, and what chance alone would draw --------------------------------------------------------


@given(
    st.lists(
        st.tuples(st.floats(-1e6, 1e6), st.floats(0, 1e7), st.booleans()), min_size=1, max_size=25
    ),
    st.booleans(),
)
def test_an_axis_holds_zero_its_dots_and_most_intervals_and_marks_what_it_cuts(intervals, cut):
    rows = [
        Dot(str(k), mean, mean - half, mean + half, half < abs(mean), "", strong=strong)
        for k, (mean, half, strong) in enumerate(intervals)
    ]
    plot = dots(rows, x="difference, people", cut=cut)
    axis = plot.layout["xaxis"]
    low, high = axis["range"]
    assert low < 0.0 < high
    assert axis["title"]["text"] == "difference, people"
    assert all(low <= row.mean <= high for row in rows if row.strong or not cut)
    whole = [low <= row.low and row.high <= high for row in rows]
    assert sum(whole) >= math.floor(0.8 * len(rows))
    arrows = [trace for trace in plot.data if trace.get("name") == BEYOND]
    marked = {y for trace in arrows for y in trace["y"]}
    # the margin of the axis may round the edge by a last bit
    edge = max(abs(low), abs(high)) / 1.06 * (1 + 1e-9)
    assert marked == {
        y for row, y in zip(rows, range(len(rows) - 1, -1, -1), strict=True) if row.reach > edge
    }


def comparison_of(worlds: Worlds, **parts: Any) -> Comparison:
    """A comparison of pairs of which some is told, as a comparison names it."""
    other = ScenarioEffects(title="Other", outcomes={}, identical=False)
    findings = ComparisonFindings(
        kind="compare", baseline="Base", coverage=0.9, headline="channel_arrivals",
        scenarios=[other], replications=len(worlds.sets), start="2023-01-01", end="2023-02-28",
    )  # fmt: skip
    empty = dict.fromkeys(("totals", "by_month", "month_names", "set_out", "legs"), np.empty(0))
    return Comparison(0, other, findings, worlds=worlds, **empty | parts)


def by_month(pairs: int) -> tuple[Comparison, np.ndarray]:
    """A comparison of two months, each pair in a world of its own, and its (pairs, months) gaps."""
    rng = np.random.default_rng(3)
    base = rng.lognormal(6.0, 0.5, (pairs, 2, len(OUTCOME_NAMES)))
    gaps = rng.exponential(50.0, base.shape)
    return comparison_of(
        Worlds([*range(pairs)], [*range(pairs)]),
        **{"by_month": np.stack([base, base + gaps]), "month_names": ["2023-01", "2023-02"]},
    ), gaps


def changed_legs(differences: np.ndarray, corridor) -> Comparison:
    """A comparison whose pairs differ on the legs as given; (pairs, legs)."""
    base = np.full(differences.shape, 1000.0)
    return comparison_of(
        Worlds(["a set"] * len(base), ["a path"] * len(base)),
        set_out=np.stack([base, base + differences]),
        legs=[leg.id for leg in corridor.legs],
    )


def columns_of(chart, name: str) -> dict[str, list[float]]:
    """The data of an outcome in the chart of arrivals and deaths by month."""
    columns = dict(zip(chart.header, zip(*chart.rows, strict=True), strict=True))
    start = f"{name}_"
    return {key.removeprefix(start): [*at] for key, at in columns.items() if key.startswith(start)}


def test_a_month_has_the_middle_of_worlds_and_their_range_and_both_sides_their_spread():
    comparison, gaps = by_month(24)
    chart, others = month_charts(comparison)
    titles = [chart.figure.layout[f"yaxis{row}"]["title"]["text"] for row in ("", 2, 3)]
    assert [title.split(" a month")[0] for title in titles] == [
        "arrivals", "difference", "difference, deaths",
    ]  # fmt: skip
    at = [OUTCOME_NAMES.index(name) for name in ("channel_arrivals", "channel_deaths")]
    over = plausible_effects(gaps[:, :, at], *comparison.worlds, resamples=0)
    arrivals, deaths = (columns_of(chart, OUTCOME_NAMES[number]) for number in at)
    assert arrivals["median"] == pytest.approx(over.median[:, 0])
    assert arrivals["plausible_high"] == pytest.approx(over.high[:, 0])
    assert arrivals["baseline"] == pytest.approx(
        np.median(comparison.by_month[0][:, :, at[0]], axis=0)
    )
    ends = ("scenario_low", "scenario", "scenario_high")
    inside = zip(*(arrivals[end] for end in ends), strict=True)
    assert all(low < middle < high for low, middle, high in inside)
    # of deaths the ends of the range alone, in data and drawing
    assert set(deaths) == {"plausible_low", "plausible_high"}
    assert deaths["plausible_low"] == pytest.approx(over.low[:, 1])
    lines = [trace for trace in chart.figure.data if trace.get("name") == "difference"]
    assert [trace["y"] for trace in lines] == [pytest.approx(over.median[:, 0])]
    assert "median" in others.header
    assert "mean_difference" not in others.header


def test_months_of_too_few_pairs_for_a_range_have_averages():
    comparison, gaps = by_month(12)
    chart, _ = month_charts(comparison)
    arrivals = columns_of(chart, "channel_arrivals")
    assert arrivals["mean_difference"] == pytest.approx(
        gaps[:, :, OUTCOME_NAMES.index("channel_arrivals")].mean(axis=0)
    )
    assert "plausible_low" not in arrivals


def test_what_truly_changes_is_drawn_thick(real_corridor):
    differences = np.random.default_rng(6).normal(0, 50, (12, len(real_corridor.legs)))
    differences[:, :20] += 200.0
    comparison = changed_legs(differences, real_corridor)
    legs = [leg.id for leg in real_corridor.legs]
    assert set(legs[:20]) <= comparison.clear_legs
    assert len(comparison.clear_legs - set(legs[:20])) <= 8
    # a leg that no pair moves is not looked at
    differences[:, 100:] = 0.0
    assert changed_legs(differences, real_corridor).moved_legs == set(legs[:100])
