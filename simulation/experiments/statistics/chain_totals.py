"""The chain of a run as totals: each link over the whole run, a mean over replications."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from simulation.chain import LINKS


def chain_totals(path: Path, replications: int, days: int) -> dict[str, Any]:
    """Totals of every link, from `chain.parquet`.

    Args:
        path: The table.
        replications: Finished replications, those without a row included.
        days: Days counted.

    Returns:
        By link: `label`, `unit`, `kind`, `mean` over replications (of a flow the sum over the run,
        of a stock the mean of its days), and `authorities`: the same by authority, those with
        nothing left out.
    """
    sums: dict[str, dict[str, float]] = {name: {} for name in LINKS}
    table = pq.read_table(path, columns=["link", "authority", "value"])
    for name, authority, value in _sums(table):
        sums[name][authority] = value
    found = {}
    for name, spec in LINKS.items():
        count = replications * (days if spec.kind == "stock" else 1)
        means = {code: value / count for code, value in sorted(sums[name].items())}
        found[name] = {
            "label": spec.label,
            "unit": spec.unit,
            "kind": spec.kind,
            "mean": sum(means.values()),
            "authorities": {code: value for code, value in means.items() if code},
        }
    return found


def _sums(table: pa.Table) -> list[tuple[str, str, float]]:
    """Link, authority and sum over days and replications."""
    # with threads, the last bits of sums change from call to call
    groups = table.group_by(["link", "authority"], use_threads=False).aggregate([("value", "sum")])
    known = pc.is_in(groups["link"].cast(pa.string()), pa.array(list(LINKS)))
    groups = groups.filter(known)
    return list(
        zip(*(groups[key].to_pylist() for key in ("link", "authority", "value_sum")), strict=True)
    )
