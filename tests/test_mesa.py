"""The model as a user of Mesa meets it. Warnings of Mesa are errors, as everywhere in the tests."""

from __future__ import annotations

from datetime import timedelta

import mesa
import numpy as np
import pytest
import solara
from mesa.visualization import SolaraViz, make_plot_component, make_space_component
from mesa.visualization.components import AgentPortrayalStyle
from mesa.visualization.mpl_space_drawing import draw_space

from simulation import Crossings, InputError, Scenario
from simulation.model.corridor_model import simulate
from simulation.model.mesa_adapter import map_layout
from simulation.model.snapshots import restore_snapshot, take_snapshot
from simulation.outcomes import DAILY
from tests.runs import differences, scenario_from

SMALL = {"scale": 0.02, "days": 12}


@pytest.fixture
def short(tmp_path) -> Scenario:
    return scenario_from(tmp_path, days=12, warm_up=8)


def test_without_arguments_it_is_the_baseline_and_a_model_of_mesa():
    model = Crossings()
    assert isinstance(model, mesa.Model)
    assert type(model.scenario).__module__.startswith("mesa.")
    assert model.what_if.slug == "baseline"
    assert model.world.scale == 1.0
    assert model.running
    assert model.time == 0


def test_a_scenario_is_a_name_a_file_or_an_object(short):
    by_name = Crossings("agreements-deepened-2024", rng=1, scale=0.1)
    assert by_name.what_if == Scenario.load("agreements-deepened-2024")
    by_file, by_object = Crossings(short.file, **SMALL), Crossings(short, **SMALL)
    assert differences(by_file, by_object) == []
    assert Crossings(str(short.file), **SMALL).what_if == short


def test_steps_and_runs_are_days(short):
    stepped, run_for, run_until, run_model = (Crossings(short, scale=0.02) for _ in range(4))
    days = stepped.world.days
    for _ in range(days):
        assert stepped.running
        stepped.step()
    run_for.run_for(5.5)
    assert run_for.days_done == 5
    run_for.run_for(days - 5.5)
    run_until.run_until(days)
    run_model.run_model()
    for model in (run_for, run_until, run_model):
        assert differences(stepped, model) == []
        assert model.days_done == days
        assert not model.running


def test_it_is_the_run_of_the_command_and_ends_with_its_last_day(short):
    record = simulate(short, seed=3, scale=0.02)
    model = Crossings(short, rng=3, scale=0.02)
    model.run_model()
    assert not {"space", "datacollector"} & set(vars(model)), "nobody has asked for them"
    with pytest.raises(InputError, match="the run is over"):
        model.step()
    assert model.days_done == model.world.days
    table = model.datacollector.get_model_vars_dataframe()
    for name, values in record.daily.items():
        np.testing.assert_array_equal(table[name].to_numpy()[model.first_counted :], values)


@pytest.mark.parametrize(("options", "named"), [
    ({"rng": -1}, "rng"), ({"rng": "one"}, "rng"), ({"rng": 1.5}, "rng"), ({"scale": 0.0}, "scale"),
    ({"scale": float("nan")}, "scale"), ({"days": 0}, "days"), ({"what_if": "baselin"}, "baselin"),
])  # fmt: skip
def test_what_cannot_be_used_is_refused(options, named):
    with pytest.raises(InputError, match=named):
        Crossings(**options)


# -- data -----------------------------------------------------------------------------------------


def test_the_data_collector_has_every_outcome_of_every_day(short):
    model = Crossings(short, scale=0.02)
    assert model.datacollector.get_model_vars_dataframe().empty
    reporter = model.datacollector.model_reporters["in_transit"]
    assert np.isnan(reporter(model))
    model.run_for(9)
    table = model.datacollector.get_model_vars_dataframe()
    assert set(table.columns) - {"date"} == set(model.datacollector.model_reporters) == set(DAILY)
    assert table["date"].iloc[-1].date() == model.today
    assert table["date"].diff().dropna().eq(timedelta(days=1)).all()
    assert table.index.tolist() == list(range(1, 10))
    assert table.index.name == "Step"
    assert table["in_transit"].iloc[-1] == reporter(model) > 0
    model.datacollector.collect(model)  # changes nothing: the days are there
    assert len(model.datacollector.get_model_vars_dataframe()) == 9
    model.step()
    assert len(model.datacollector.get_model_vars_dataframe()) == 10


@pytest.mark.skipif(not hasattr(mesa, "batch_run"), reason="Mesa 4 has none")
def test_a_batch_run_reads_it(short):
    rows = mesa.batch_run(
        Crossings, {"what_if": [short], "scale": 0.02, "days": 3}, rng=[1, 2],
        max_steps=50, data_collection_period=1, display_progress=False,
    )  # fmt: skip
    assert [row["Step"] for row in rows] == [*range(1, 12), *range(1, 12)]
    for seed in (1, 2):
        record = simulate(short, seed=seed, scale=0.02, days=3)
        in_transit = [row["in_transit"] for row in rows if row["rng"] == seed]
        assert in_transit[-3:] == record.daily["in_transit"].tolist()


# -- drawing --------------------------------------------------------------------------------------


def portray(agent: mesa.Agent) -> AgentPortrayalStyle:
    return AgentPortrayalStyle(size=20)


@pytest.mark.parametrize("layout", [{}, {"layout_alg": map_layout}])
def test_mesa_draws_the_space(short, layout):
    model = Crossings(short, scale=0.02)
    model.run_for(6)
    axes = draw_space(model.space, portray, **layout)
    drawn = sum(len(one.get_offsets()) for one in axes.collections if one.get_zorder() == 1)
    assert drawn == len(model.space.agents) > 300
    if layout:
        west, east = axes.get_xlim()
        longitudes = [place.longitude for place in model.corridor.places]
        assert west < min(longitudes) < max(longitudes) < east


def test_the_viewer_shows_it(short):
    model = Crossings(short, scale=0.02)
    model.run_for(3)
    parts = [make_space_component(portray), make_plot_component("in_transit", backend="altair")]
    for components in ([], parts):
        _, shown = solara.render(SolaraViz(model, components=components), handle_error=False)
        shown.close()


# -- at no cost -----------------------------------------------------------------------------------


def test_what_was_asked_for_changes_no_run_and_is_kept_in_snapshots(short):
    plain, looked_at = Crossings(short, scale=0.02), Crossings(short, scale=0.02)
    for _ in range(10):
        plain.step()
        looked_at.step()
        assert len(looked_at.space.agents) > 300
        looked_at.datacollector.get_model_vars_dataframe()
    again = restore_snapshot(take_snapshot(looked_at))
    for model in (plain, looked_at, again):
        model.run_model()
    assert differences(plain, looked_at) == differences(plain, again) == []
    assert again.space.agents.select(lambda agent: agent.model is again)
    assert len(again.space["calais"].agents) == len(looked_at.space["calais"].agents)
    assert again.space["calais"].connections.keys() == looked_at.space["calais"].connections.keys()
    tables = [model.datacollector.get_model_vars_dataframe() for model in (again, looked_at)]
    assert tables[0].equals(tables[1])
