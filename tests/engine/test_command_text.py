import shlex

import pytest

from simulation.engine.command_text import command_text, with_options


def test_a_command_is_quoted_and_leaves_out_what_was_not_asked():
    options = {"half_width": 4.0, "ladder": True, "days": None, "yes": False}
    text = command_text("compare", ["-odd.toml", "b c.toml"], options)
    assert text == "crossings compare ./-odd.toml 'b c.toml' --half-width 4.0 --ladder"


@pytest.mark.parametrize(
    "typed",
    [
        "", "--replications auto", "--replications=auto", "--time 3m", "--time=3m --replications 4",
        "--replications 4 --time 90s --replications=auto",
    ],
)  # fmt: skip
def test_other_values_take_the_place_of_those_typed(typed):
    changed = with_options(f"crossings compare 'b c' {typed}", {"time": None, "replications": 37})
    assert shlex.split(changed) == ["crossings", "compare", "b c", "--replications", "37"]


def test_an_option_stands_before_the_names_that_follow_two_dashes():
    changed = with_options("crossings compare a -- --time", {"time": "3m"})
    assert changed == "crossings compare a --time 3m -- --time"
    assert with_options("", {"time": "3m"}) == ""
