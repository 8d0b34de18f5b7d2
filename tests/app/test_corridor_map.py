"""The map of a model, for Mesa's viewer and notebooks: it shows what the app shows."""

from __future__ import annotations

import json

from ipyvue import VueTemplate

from simulation import Crossings
from simulation.app.corridor_map import CorridorMap
from simulation.app.ground import CORRIDOR, ground_text
from simulation.outcomes import long_date
from simulation.scenario import parse_scenario
from tests.app.test_live import SCALE, TEXT, ran


def maps(context):
    """The widget of the maps."""
    return next(one for one in context.find(VueTemplate).widgets if "frame" in one.trait_names())


def test_a_model_is_shown_as_the_app_shows_that_day(render):
    model, run = Crossings(parse_scenario(TEXT), rng=3, scale=SCALE), ran(TEXT, 40)
    shown = maps(render(CorridorMap(model, model.days_done)))
    assert shown.frame is None
    model.run_for(40)
    shown = maps(render(CorridorMap(model, model.days_done)))
    assert shown.frame == run.frame(39)
    assert shown.title.startswith(long_date(model.today))
    assert shown.number == 40


def test_it_needs_no_server_for_the_ground(render):
    model = Crossings(parse_scenario(TEXT), rng=3, scale=SCALE)
    whole, corridor = (render(CorridorMap(model, 0, only)) for only in ("", CORRIDOR))
    assert json.loads(maps(whole).ground) == json.loads(ground_text())
    kinds = [len(context.find(VueTemplate).widgets) for context in (whole, corridor)]
    assert kinds == [2, 1], "the legend stands below both maps"
