"""The page of a run: its headline, its charts, its table, and what it says of missing runs."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest

from simulation.chain import LINKS
from simulation.corridor import Corridor
from simulation.engine.replications import run_replications
from simulation.report.blocks import Block, Table
from simulation.report.data import RunData, read_run
from simulation.report.maps import run_maps
from simulation.report.run import (
    authority_tables,
    facts_chart,
    write_report,
)
from simulation.scenario import Scenario, load_scenario
from simulation.wording.chain import shown_count
from tests import synthetic
from tests.trust.markup import Parts, fetched, injected


def page_of(scenario: Scenario, seeds: list[int], out: Path, **more) -> str:
    """The page of some runs, which are made by the stand-in unless something else is."""
    run_replications(scenario, seeds, out=out, **{"simulate": synthetic.simulate, **more})
    return write_report(out).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory, real_corridor) -> Path:
    """The results of four runs, with their page."""
    folder = tmp_path_factory.mktemp("report")
    path = folder / "small.toml"
    path.write_text(synthetic.SCENARIO.replace("2023-02-28", "2024-02-20"))
    page_of(load_scenario(path), [1, 2, 3, 4], folder / "out")
    return folder / "out"


@pytest.fixture(scope="module")
def text(folder) -> str:
    return (folder / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(("scale", "people"), [(0.05, "20 people"), (1.0, None)])
def test_the_page_says_for_how_many_a_simulated_death_stands(small, tmp_path, scale, people):
    page = page_of(small, [1, 2], tmp_path / "out", scale=scale)
    assert ("each death simulated stands for" in page) is (people is not None)
    assert people is None or f"stands for {people}" in page


@pytest.fixture(scope="module")
def page(text) -> Parts:
    return Parts(text)


def test_the_page_is_small_enough_and_fetches_nothing(text):
    assert len(text.encode()) < 8_000_000
    assert injected(text) == fetched(text) == []


def test_every_chart_has_a_place_axis_titles_and_its_data(page):
    figures = page.figures()
    places = {attrs.get("id") for tag, attrs in page.tags if tag == "div"}
    assert set(figures) <= places
    assert len(figures) == 9
    for name, figure in figures.items():
        titles = {
            axis: settings.get("title", {}).get("text")
            for axis, settings in figure["layout"].items()
            if axis.startswith(("xaxis", "yaxis"))
        }
        if name != "plot-facts":  # named categories
            assert all(title for axis, title in titles.items() if axis.startswith("y")), name
        assert any(title for axis, title in titles.items() if axis.startswith("x")), name
        # the report sets no value through plotly's classes, so they look at the finished figures
        assert len(go.Figure(figure).data) == len(figure["data"]) > 0, name
    assert all(len(lines) > 3 for lines in page.downloads().values())


def test_the_headline_says_arrivals_with_an_interval_and_no_number_of_deaths(text):
    headline = re.search(r'<p class="headline">(.*?)</p>', text)[1]
    number = r"[\d,]+ \([\d,]+ to [\d,]+\)"
    arrive = (
        rf"From 1 January 2023 to 20 February 2024, {number} people arrive in the UK by small boat"
    )
    assert re.match(arrive, headline)
    assert not re.search(r"\d[^.]* (die|deaths?|dead)", re.sub(arrive, "", headline))
    assert "die in the Channel" in headline


def test_the_table_has_years_observed_values_and_the_whole_run(text):
    table = re.search(r"<table>.*?</table>", text, re.DOTALL)[0]
    heads = re.findall(r'<th scope="col">(.*?)</th>', table)
    assert heads == ["Outcome", "2023", "2024 (1 Jan to 20 Feb)", "whole run"]
    row = re.search(r"<tr[^>]*><th[^>]*>Small-boat arrivals.*?</tr>", table)[0]
    cells = re.findall(r"<td>(.*?)</td>", row)
    assert "observed 29,437" in cells[0]
    assert "observed" not in cells[1] + cells[2]


def test_one_run_has_no_interval_and_says_so(small, tmp_path, real_corridor):
    text = page_of(small, [1], tmp_path / "out")
    assert "One run with seed 1, so no interval" in text
    assert "(" not in re.search(r'<p class="headline">(.*?)</p>', text)[1]


def test_missing_runs_are_announced(small, tmp_path, real_corridor):
    def simulate(scenario, *, seed, **options):
        if seed == 2:
            raise ValueError("<i>bad</i>")
        return synthetic.simulate(scenario, seed=seed, **options)

    text = page_of(small, [1, 2], tmp_path / "out", simulate=simulate, workers=1)
    assert "1 of 2 runs are missing" in text
    assert "&lt;i&gt;bad&lt;/i&gt;" in text


def test_the_maps_have_coasts_names_and_a_measure(page, text):
    figures = page.figures()
    for name in ("plot-map", "plot-channel-map"):
        data = figures[name]["data"]
        assert len([x for x in data[1]["x"] if x is not None]) > 100, "the coast"
        named = [trace["text"] for trace in data if trace.get("mode") == "markers+text"]
        written = [word for names in named for word in names]
        degrees = figures[name]["layout"]["yaxis"]
        stretch = 1 / math.cos(math.radians(sum(degrees["range"]) / 2))
        assert degrees["scaleratio"] == pytest.approx(stretch), "a mile is as long both ways"
        assert len(written) == len(set(written)) > 5
    assert {"Dover", "England"} <= set(written)
    assert text.count("The widest line is ") == 4, "two notes, each also told to a screen reader"


def test_the_map_has_the_people_of_the_whole_run_on_each_leg(run, real_corridor):
    chart = run_maps(run, real_corridor)[0]
    daily = {leg: [float(number) for number in numbers] for leg, numbers in run.legs.items()}
    people = {row[0]: row[-3:] for row in chart.rows}
    assert set(people) <= set(daily)
    for leg, numbers in people.items():
        assert numbers == pytest.approx([run.dates.size * number for number in daily[leg]])


def test_a_run_of_one_month_has_no_empty_chart(small, tmp_path, real_corridor):
    figures = Parts(page_of(small, [1], tmp_path / "out", days=20)).figures()
    for name in ("plot-arrivals", "plot-detections", "plot-deaths"):
        lines = [trace for trace in figures[name]["data"] if trace["type"] == "scatter"]
        assert lines
        assert all("markers" in trace["mode"] for trace in lines), name
    assert figures["plot-price"]["layout"]["xaxis"]["title"]["text"] == "date"


# -- from what was learnt to who crossed -----------------------------------------------------------


@pytest.fixture
def run(tmp_path: Path, small: Scenario) -> RunData:
    run_replications(small, [1, 2], out=tmp_path / "o", simulate=synthetic.simulate)
    return read_run(tmp_path / "o")


def names(corridor: Corridor) -> dict[str, str]:
    return {authority.code: authority.name for authority in corridor.authorities}


def total(run: RunData, name: str, code: str | None = None) -> float:
    series = run.chain[name]
    return float(sum(days.sum() for key, days in series.items() if code in (None, key)))


def cells(blocks: list[Block], head: str) -> list[str]:
    """The cells of the first row of a table that has this heading."""
    rows = (row for block in blocks if isinstance(block, Table) for row in block.rows)
    return [cell.text for cell in next(row for row in rows if row.label == head).values]


def test_counts_are_means_over_replications(run, small, real_corridor):
    chains = [synthetic.simulate(small, seed=seed, corridor=real_corridor).chain for seed in (1, 2)]
    rows = list(LINKS).index("delivered")
    np.testing.assert_allclose(
        run.chain["delivered"][real_corridor.authorities[3].code],
        np.mean([chain[:, rows, 3] for chain in chains], axis=0),
    )


def test_the_tables_by_authority_have_who_did_something(run, real_corridor):
    one = real_corridor.authorities[0]
    assert cells(authority_tables(run, names(real_corridor)), one.name)[0] == shown_count(
        total(run, "learnt", one.code)
    )
    for series in run.chain.values():
        series.pop(one.code, None)
    with pytest.raises(StopIteration):
        cells(authority_tables(run, names(real_corridor)), one.name)


def test_the_chart_splits_own_facts_from_those_of_others(run):
    chart = facts_chart(run)
    own, others = (trace["x"] for trace in json.loads(chart.figure.to_json())["data"])
    assert own[0] == pytest.approx(total(run, "learnt"))
    assert others == pytest.approx(
        [total(run, name) for name in ("delivered", "processed_shared", "usable_shared")]
    )
    assert own[1] + others[1] == pytest.approx(total(run, "processed"))
    assert {row[0] for row in chart.rows} == set(LINKS)


def test_a_run_in_which_nothing_is_shared_has_a_section(run, real_corridor):
    for name in ("delivered", "processed_shared", "usable_shared", "launches_tried"):
        del run.chain[name]
    assert not any(map(str.isdigit, facts_chart(run).note.split(".")[0]))
    assert authority_tables(run, names(real_corridor))


# a word of the description is no key
