"""What a visitor must know before the what-if is run: see `simulation.scenario.notes`."""

from __future__ import annotations

import solara
import solara.lab

from simulation.app import board
from simulation.app.notices import Notice
from simulation.experiments.engine.preflight import notes_before


@solara.component
def ToKnow() -> None:
    """Months beyond the data, and levers of the what-if that cannot act."""
    checked = board.checked.value
    whatif, baseline = checked.whatif, checked.baseline

    def look() -> tuple[str, ...]:
        if whatif is None:
            return ()
        same = whatif.hash() == baseline.hash()
        asked = [whatif] if same else [baseline, whatif]
        return tuple(note.text for note in notes_before(asked, days=None, assumptions=None))

    # some tenths of a second where a lever must be followed through all days
    found = solara.lab.use_task(look, dependencies=[whatif, baseline])
    texts = found.value if found.finished else ()
    with solara.v.Html(
        tag="section", attributes={"aria-live": "polite", "aria-label": "To know before a run"}
    ):
        if texts:
            Notice("info", *texts)
