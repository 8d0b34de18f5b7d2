"""The records as a pandas data frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulation.parameters.document import chosen
from simulation.parameters.records import load_parameters, load_records

if TYPE_CHECKING:
    import pandas as pd

_WORDS = ("unit", "distribution", "source", "confidence", "drives", "fixed_because")


def parameters(*names: str) -> pd.DataFrame:
    """Every assumption of the model with its range, as `crossings parameters` shows them.

    Args:
        names: Groups (`market`) or records (`market.fee_boat`); all when none is named.

    Returns:
        A row for each record: `name`, `value`, `central` (what a run takes: the centre of the
        newest fit, or the recorded value where that tells nothing), `unit`, `low`, `high` (in the
        unit; 0 and 1 of a switch), `distribution` (`fixed` is never drawn), `source`,
        `confidence`, `drives` (what reads it), `kind` (`number`, `whole` or `switch`) and
        `fixed_because`.

    Raises:
        InputError: There is no such group or record.
    """
    import pandas as pd

    records, used = chosen(load_records(), names), load_parameters().values()
    columns = {"name": [record.name for record in records]}
    numbers = {
        key: [float(getattr(record, key)) for record in records] for key in ("value", "low", "high")
    }
    numbers["central"] = [float(used[record.name]) for record in records]
    words = {key: [str(getattr(record, key)) for record in records] for key in _WORDS}
    kinds = [
        "switch" if record.is_switch else "whole" if record.whole else "number"
        for record in records
    ]
    order = [
        "name", "value", "central", "unit", "low", "high", "distribution", "source", "confidence",
        "drives", "kind", "fixed_because",
    ]  # fmt: skip
    return pd.DataFrame({**columns, **numbers, **words, "kind": kinds})[order]
