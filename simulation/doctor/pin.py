"""Pin the numbers of the self-check anew, after the model was changed on purpose.

    python -m simulation.doctor.pin

Commit `pinned.json` together with the change of the model.
"""

from __future__ import annotations

import json

from simulation.corridor.in_use import only_shipped
from simulation.doctor.selfcheck import FORMAT, PINNED, machine, numbers

#: enough for every process of a day to have had something to do, and over in a second
RUN = {"scenario": "baseline", "seed": 1, "scale": 0.05, "days": 30}


def text() -> str:
    """The content of `pinned.json` for this machine."""
    values, digest = numbers(RUN)
    content = {
        "format": FORMAT,
        "made_with": "python -m simulation.doctor.pin",
        "run": RUN,
        "machine": machine(),
        "numbers": values,
        "digest": digest,
    }
    return json.dumps(content, indent=1) + "\n"


if __name__ == "__main__":
    with only_shipped():
        PINNED.write_text(text(), encoding="utf-8")
    print(f"Written to {PINNED}.")
