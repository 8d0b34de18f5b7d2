"""Which assumptions a comparison rests on, and where it was asked which of them matter."""

from __future__ import annotations

import html
import os
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from simulation.errors import InputError
from simulation.experiments.engine.checksums import SCENARIOS, written_files
from simulation.experiments.engine.result_folder import ResultFolder
from simulation.experiments.engine.stored_files import (
    SensitivitySummary,
    read_manifest,
    read_summary,
)
from simulation.outcomes import OUTCOMES
from simulation.parameters import load_parameters
from simulation.wording import assumptions as assumption_wording

#: assumptions named of each sensitivity analysis
_NAMED = 5


def assumptions(folder: Path, manifest: dict[str, Any], summary: dict[str, Any]) -> str:
    """What is known about the assumptions behind each scenario's difference, as HTML.

    Args:
        folder: The comparison's folder.
        manifest: Content of its `manifest.json`.
        summary: Content of its `summary.json`.
    """
    records = load_parameters().records()
    assumed = sum(record.confidence == "assumption" for record in records)
    parts = [
        f"<p>{assumed} of the model's {len(records)} numbers are assumptions that no one has "
        "measured; each is a record with its range and its reason in simulation/parameters. "
    ]
    if summary["assumptions"] == "records":
        parts.append(
            "In this comparison each has its recorded value, so the intervals hold no doubt "
            "about them.</p>"
        )
    else:
        drawn = {
            "ranges": "draws them from their ranges",
            "fitted": "draws those that were fitted to the past together, as one of "
            f"{assumption_wording.sets(summary)}. {assumption_wording.counts(summary)} "
            "The intervals hold none of the doubt about those that are fixed",
        }[summary["assumptions"]]
        parts.append(f"In this comparison each pair of runs {drawn}.</p>")
    analyses, cases = list(_analyses(folder)), manifest["identity"]["cases"]
    names = _told(folder, manifest)
    for number, found in enumerate(summary["scenarios"], start=1):
        if found["identical"]:
            continue
        title = found["title"]
        asked = [cases[0], cases[number]]
        mine = [(path, content) for path, content, about in analyses if about == asked]
        parts += [_named(folder, path, content, title) for path, content in mine]
        if not mine:
            told = shlex.join([names[number], "--baseline", names[0]])
            parts.append(
                f"<p>Which of them drive the difference of “{html.escape(title)}” was not "
                "computed here. This command computes it; it first says how long that "
                "takes (put <code>uv run</code> before it if you start the program so): "
                f"<code>crossings sensitivity {html.escape(told)}</code></p>"
            )
    return "\n".join(parts)


def drawn_table(summary: Mapping[str, Any]) -> str:
    """What is fitted, drawn and fixed, to be folded out below the basis of the numbers; HTML.

    Args:
        summary: Content of the `summary.json` of a run or an experiment.

    Returns:
        Empty where no fitted sets are drawn.
    """
    found = assumption_wording.parts(summary)
    if not found:
        return ""
    rows = "".join(
        f'<tr><th scope="row">{html.escape(part.label)}</th><td>{part.count:,}</td>'
        f'<td class="words">{html.escape(part.what)}</td></tr>'
        for part in found
    )
    return (
        '<details class="drawn"><summary>What is fitted, drawn and fixed</summary>'
        '<div class="scroll"><table><caption>Assumptions that have a range. An interval of the '
        "average narrows as more is computed; how far single sets lie apart does not. No interval "
        "holds the doubt about what is fixed.</caption>"
        '<thead><tr><th scope="col">Assumptions</th><th scope="col">How many</th>'
        '<th scope="col" class="words">How they are set</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div></details>"
    )


def _analyses(folder: Path) -> Iterator[tuple[Path, dict[str, Any] | str, list[Any]]]:
    """Finished sensitivity analyses beside a comparison.

    Yields:
        The folder of each; its summary, or in words which of its files have changed since they
        were made; its scenarios by title and hash.
    """
    beside = folder.absolute().parent
    found = {*beside.glob("sensitivity-*"), *beside.parent.glob("sensitivity-*/*")}
    for path in sorted(found):
        try:
            manifest = read_manifest(path)
            problem = ResultFolder(path).changes().problem
            content = problem or read_summary(path, SensitivitySummary)
        except InputError:
            continue  # not finished, or damaged: its own page says so
        yield path, content, (manifest.get("identity") or {}).get("cases", [])


def _named(folder: Path, path: Path, content: dict[str, Any] | str, title: str) -> str:
    """The strongest assumptions an analysis found, for arrivals and whatever else it asked of."""
    if isinstance(content, str):
        return (
            f"<p>The sensitivity analysis of “{html.escape(title)}” in "
            f"<code>{html.escape(path.name)}</code> is not shown, as its files are not those that "
            f"were written: {html.escape(content)}. The command that made it makes it again.</p>"
        )
    items = []
    for outcome, entry in content["outcomes"].items():
        shares = (entry.get("variance") or {}).get("shares")
        effects = shares or entry["screening"]["effects"]
        told = [effect["record"] for effect in effects if effect["told"]][:_NAMED]
        label = OUTCOMES[outcome].label if outcome in OUTCOMES else outcome
        if told:
            codes = ", ".join(f"<code>{html.escape(name)}</code>" for name in told)
            text = f"{codes} (the strongest first)"
        else:
            text = "none stands out from chance in as many runs as it had"
        items.append(f"<li>{html.escape(label)}: {text}</li>")
    link = quote(Path(os.path.relpath(path / "report.html", folder.absolute())).as_posix())
    return (
        f"<p>What drives the difference of “{html.escape(title)}”, by "
        f'<a href="{link}">its sensitivity analysis</a>:</p><ul>{"".join(items)}</ul>'
    )


def _told(folder: Path, manifest: dict[str, Any]) -> list[str]:
    """What each scenario was called on the command line, the baseline first."""
    words = shlex.split(manifest["command"])
    paths = sorted(written_files(folder, manifest, f"{SCENARIOS}/*.toml"), key=_place)
    slugs = [path.stem.partition("-")[2] for path in paths]
    return [
        next((word for word in words if slug in (word, Path(word).stem)), slug) for slug in slugs
    ]


def _place(path: Path) -> int:
    """Where a scenario file stands among those of an experiment."""
    number = path.stem.partition("-")[0]
    return int(number) if number.isdecimal() else 0
