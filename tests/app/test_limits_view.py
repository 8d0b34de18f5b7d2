"""The page of limits says what must be said, and loads nothing."""

from __future__ import annotations

import ipyvuetify as v
import solara

from simulation.app.limits_view import LimitsPage, blocks
from tests.app.reading import everything, words


def test_it_says_what_must_be_said():
    _, rc = solara.render(LimitsPage(), handle_error=False)
    text = words(rc)
    for said in (
        "One run is not an estimate",
        "Deaths stand beside crossings",
        "none of the series to which the model was fitted says anything about it",
        "Who is missing from the data",
        "What it must not be used for",
        "To decide anything about a person",
    ):
        assert said in text
    assert "**" not in text
    assert "How many will cross next year." in text
    tags = {child.tag for one in everything(rc) for child in one if isinstance(child, v.Html)}
    assert tags == {"article", "h1", "h2", "p", "ul", "li", "strong"}
    rc.close()


def test_every_part_of_the_text_is_a_kind_that_is_shown():
    for block in blocks():
        assert block.startswith(("# ", "## ", "- ")) or not block.startswith(("#", "*", ">", "1"))
        if block.startswith("- "):
            assert all(line.startswith("- ") for line in block.splitlines())
