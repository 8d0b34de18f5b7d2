"""A page that fails says so in a sentence, leaves its traceback in the log, and comes again."""

from __future__ import annotations

import pytest
import solara

from simulation.app.failing import Guarded
from tests.app.reading import button, words


@pytest.mark.parametrize("when", ["drawn", "pressed"])
def test_a_page_that_fails_says_so_without_a_traceback_and_comes_again(when, render, caplog):
    fails = {when}

    def act(now: str) -> None:
        if now in fails:
            raise ZeroDivisionError

    @solara.component
    def page():
        act("drawn")
        solara.Button("Go on", on_click=lambda: act("pressed"))

    rc = render(Guarded(page))
    if when == "pressed":
        button(rc, "Go on").click()
    assert "a fault of the program" in words(rc)
    assert "ZeroDivisionError" not in words(rc)
    ours = [record for record in caplog.records if record.name == "simulation.app.failing"]
    assert [record.exc_info[0] for record in ours] == [ZeroDivisionError]
    fails.clear()
    button(rc, "Try again").click()
    assert button(rc, "Go on")
    assert "a fault of the program" not in words(rc)
