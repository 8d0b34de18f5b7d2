"""The logs of an assurance pack, each a table that is made from records.

The UK's AQuA Book asks for the assumptions, decisions, data and checks behind an analysis. What
stands beside the records is in `pack.toml`.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from simulation.corridor.in_use import data_line, load_vintages
from simulation.corridor.tables import DATA
from simulation.crates.subject import Subject
from simulation.doctor.selfcheck import read_pinned
from simulation.outcomes import OUTCOMES
from simulation.parameters import load_parameters, load_records
from simulation.parameters.document import shown, span
from simulation.parameters.records import Record
from simulation.report import blocks
from simulation.scenario.describe import describe_differences
from simulation.scenario.levers.base import Lever
from simulation.scenario.shipped import shipped_scenarios
from simulation.scenario.toml_hints import line_of_key
from simulation.serialization import as_csv
from simulation.source_hash import PACKAGE
from simulation.studies.compare import ScenarioEffects
from simulation.studies.drivers import Drivers
from simulation.wording import quoting

#: what only the institution that uses the tool can say
YOURS = "To be filled in by your institution"
#: a lever that every scenario has
_ALL = "all scenarios"
_EACH_SIDE = (0.05, 0.95)
#: digits of a checksum that are shown
_DIGITS = 16
#: a line of the first section of `validation.md`: a title and a result
_RESULT = re.compile(r"^- \*\*(.+?)\.\*\* (.+?) <!-- .+ -->$", re.MULTILINE)


@dataclass(frozen=True)
class Log:
    """A table of the pack: a file of CSV, and a part of its page.

    Attributes:
        key: The name of its file, without the ending.
        title: Its heading.
        about: What it holds.
        columns: Their names.
        rows: A text for each column.
        under: Columns that the page shows below another one, whose name follows.
        first: Numbers of the rows that the page shows before a reader opens all of them.
    """

    key: str
    title: str
    about: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    under: Mapping[str, str] = field(default_factory=dict)
    first: Sequence[int] = ()

    @property
    def csv(self) -> str:
        """The text of its file."""
        return as_csv(self.columns, self.rows)

    def table(self, rows: Sequence[Sequence[str]]) -> blocks.Table:
        """A table on the page, of some of the rows."""
        below = {top: name for name, top in self.under.items()}
        tops = [name for name in self.columns if name not in self.under]
        columns = [blocks.Column(name, below.get(name, ""), words=True) for name in tops]
        shown_rows = []
        for row in rows:
            texts = dict(zip(self.columns, row, strict=True))
            cells = [
                blocks.Cell(texts[name], [texts[below[name]]] if name in below else [])
                for name in tops
            ]
            label, *others = cells
            shown_rows.append(blocks.Row(label.text, others, below="".join(label.below)))
        return blocks.Table(columns, shown_rows)


@cache
def pack_texts() -> dict[str, Any]:
    """The content of `pack.toml`."""
    return tomllib.loads(Path(__file__).with_name("pack.toml").read_text(encoding="utf-8"))


def page_text(name: str) -> str:
    """The text of a page of the documentation that belongs to the pack.

    Args:
        name: `must-not.md` or `validation.md`.
    """
    packaged = Path(__file__).with_name(name)
    file = packaged if packaged.is_file() else PACKAGE.parent / "docs" / name
    return file.read_text(encoding="utf-8")


def logs(subject: Subject) -> list[Log]:
    """Every log of a comparison, in the order of the page."""
    return [
        _bearers(subject),
        _checks(subject),
        _assumptions(subject),
        _decisions(subject),
        _data(),
        _model_map(),
        _record(subject),
    ]


# -- assumptions -----------------------------------------------------------------------------------


def _assumptions(subject: Subject) -> Log:
    """Every record: what it is in this comparison, how reliable it is, and what hangs on it."""
    central = load_parameters().values()
    several = len(subject.findings.scenarios) > 1
    rows = [
        (
            record.name,
            record.drives,
            shown(central[record.name]),
            record.unit,
            span(record),
            *_drawn(record, subject),
            record.source,
            record.confidence,
            "; ".join(
                f"{one.title}: {text}" if several else text
                for one in subject.findings.scenarios
                if (text := _effect(record.name, one.drivers))
            ),
        )
        for record in load_records()
    ]
    return Log(
        "assumptions",
        "Assumptions log",
        "Reliability: measured, reported, expert, or a mere assumption. The effect on the headline "
        "is from a regression over the sets that were drawn; it is no proof of a cause.",
        (
            "Assumption", "What it drives", "Central value", "Unit", "Range held possible",
            "In this comparison", "5% to 95% of its sets", "Source", "Reliability",
            "Effect on the headline",
        ),
        rows,
        under={
            "What it drives": "Assumption", "Unit": "Central value",
            "5% to 95% of its sets": "In this comparison", "Reliability": "Source",
        },
        first=[number for number, row in enumerate(rows) if row[-1]],
    )  # fmt: skip


def _drawn(record: Record, subject: Subject) -> tuple[str, str]:
    """What a comparison does with an assumption, and the range that its sets have of it."""
    asked, ensemble = [one.parameters for one in subject.scenarios], subject.ensemble
    if any(record.name in values for values in asked):
        return "set by a scenario", ""
    if subject.findings.assumptions == "records":
        return "central value", ""
    if ensemble is not None and record.name in ensemble.names:
        values = ensemble.values[:, ensemble.names.index(record.name)]
        informed = record.name not in ensemble.provenance.get("uninformed", ())
        ends = np.quantile(
            values, _EACH_SIDE, weights=ensemble.weights, method="inverted_cdf"
        ).tolist()
        words = "fitted" if informed else "drawn with the fit, which could not inform it"
        return words, f"{shown(ends[0])} to {shown(ends[1])}"
    if record.distribution == "fixed":
        return f"fixed: {record.fixed_because}".removesuffix(": "), ""
    return "drawn from its range", ""


def _effect(name: str, drivers: Drivers | None) -> str:
    """How the effect on arrivals goes with an assumption, where the regression names it."""
    if drivers is None:
        return ""
    unit = drivers.unit if drivers.unit == "%" else f" {drivers.unit}"
    texts = (
        f"rank correlation {one.correlation:+.2f}; {one.low:+.1f}{unit} in the lowest third, "
        f"{one.high:+.1f}{unit} in the highest"
        for one in drivers.strongest
        if one.name == name
    )
    return next(texts, "")


# -- decisions -------------------------------------------------------------------------------------


def _decisions(subject: Subject) -> Log:
    """How the comparison was set up, and every lever with its days and where it is from."""
    manifest, findings = subject.manifest, subject.findings
    rows: list[tuple[str, ...]] = [
        (name, text, "", "", "", "", "the comparison", "results/manifest.json")
        for name, text in {
            "Days counted": f"{findings.start} to {findings.end}",
            "Share of the people simulated": f"{findings.scale:g}",
            "Assumptions": subject.provenance.basis,
            "Pairs of runs": f"{findings.replications}, first seed {manifest.identity.seed}",
            "Ranked by": findings.rank,
        }.items()
    ]
    rows += [
        ("scenario" if number else "baseline", one.description or one.title, "", "", "", "",
         one.title, f"results/scenarios/{subject.files[number].name}")
        for number, one in enumerate(subject.scenarios)
    ]  # fmt: skip
    baseline, *others = subject.scenarios
    rows += [
        ("change", text, "", "", "", "", one.title, "against the baseline")
        for one in others
        for text in describe_differences(one, baseline)
    ]
    n_before = len(rows)
    users: dict[str, tuple[Lever, list[str]]] = {}
    for scenario in subject.scenarios:
        for lever in scenario.levers:
            key = f"{lever.section} {lever.model_dump_json()}"
            users.setdefault(key, (lever, []))[1].append(scenario.title)
    rows += [
        (
            lever.section,
            lever.in_words(),
            *(_day(getattr(lever, key, None)) for key in ("announced", "signed")),
            _day(lever.span.first or None),
            _day(lever.span.last),
            _ALL if len(titles) == len(subject.scenarios) else "; ".join(titles),
            source_of(lever),
        )
        for lever, titles in sorted(users.values(), key=lambda one: len(one[1]))
    ]
    return Log(
        "decisions",
        "Decisions log",
        "What the scenarios change stands first. How strong a policy is, is an assumption unless "
        "its source says otherwise.",
        ("What", "Decision", "Announced", "Signed", "From", "To", "In", "Source"),
        rows,
        under={"Signed": "Announced", "To": "From"},
        first=[
            number
            for number, (*_, users_of, _) in enumerate(rows)
            if number < n_before or (users_of != _ALL and baseline.title not in users_of)
        ],
    )


def _day(day: date | int | None) -> str:
    """A day as results hold it; empty for always or for ever."""
    return str(date.fromordinal(day) if isinstance(day, int) else day or "")


@cache
def _shipped_levers() -> list[tuple[str, dict[str, object], str, str]]:
    """Section, content, file and remark of each lever of the shipped scenarios."""
    entries = []
    for path in shipped_scenarios().values():
        text = path.read_text(encoding="utf-8")
        for section, levers in tomllib.loads(text).items():
            for number, lever in enumerate(levers if isinstance(levers, list) else ()):
                line = line_of_key(text, f"{section}[{number}]") or 1
                entries.append((section, lever, path.name, _remark(text.splitlines(), line)))
    return entries


def _remark(lines: Sequence[str], line: int) -> str:
    """The remark right above a line, counted from 1."""
    above = []
    for text in reversed(lines[: line - 1]):
        if not text.startswith("# ") or text.startswith("# --"):
            break
        above.append(text.removeprefix("# "))
    return " ".join(reversed(above))


def source_of(lever: Lever) -> str:
    """Where a lever is from: the shipped scenario that has it, and what is remarked there."""
    for section, written, file, remark in _shipped_levers():
        if section == lever.section and type(lever).model_validate(written) == lever:
            return ": ".join(filter(None, [f"scenarios/{file}", remark]))
    return "not from a shipped scenario; its source is for the asker to state"


# -- data, model and checks ------------------------------------------------------------------------


def _data() -> Log:
    """Every table in use: first those that grow with the months, then those of the map."""
    rows = [
        (one.table, one.series or "all", one.first, one.last, one.published or "not recorded",
         one.label, one.source)
        for one in load_vintages()
    ]  # fmt: skip
    text = (DATA / "sources.toml").read_text(encoding="utf-8")
    rows += [
        (table, column, "", "", "", entry["label"], entry["source"])
        for table, columns in tomllib.loads(text).items()
        for column, entry in columns.items()
        if isinstance(entry, dict)
    ]
    columns = ("Table", "Series or column", "First", "Last", "Published", "Label", "Source")
    about = "Every figure that the model reads, with the date of its publication where one exists."
    return Log("data", "Data log", about, columns, rows)


def _model_map() -> Log:
    """Every room and process with what it does, from its first line, and where it is described."""
    described = pack_texts()["described"]
    rows = [
        (name, doc, described.get(name.partition("/")[0], "docs/architecture.md"))
        for name, doc in _parts()
    ]
    about = "The parts of the program. docs/ODD.md has every equation."
    columns = ("Part", "What it does", "Described in")
    return Log("model-map", "Model map", about, columns, rows)


def _parts() -> Iterator[tuple[str, str]]:
    """Rooms and processes, each with the first line of its docstring."""
    files = {path.parent.name: path for path in PACKAGE.glob("*/__init__.py")}
    files |= {path.stem: path for path in PACKAGE.glob("[!_]*.py")}
    files |= {f"processes/{path.name}": path for path in PACKAGE.glob("model/processes/[!_]*.py")}
    for name, path in sorted(files.items()):
        if doc := ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))):
            yield name, doc.splitlines()[0]


def _checks(subject: Subject) -> Log:
    """What was checked: the comparison, its fit, the model against the past, and its bits."""
    findings, text = subject.findings, page_text("validation.md")
    failed = len(findings.failed)
    rows = [
        ("Runs of this comparison", f"{findings.replications} pairs finished, {failed} runs failed",
         "no run fails", _passed(not failed), "results/manifest.json"),
        ("Files of this comparison", "as they were written", "the recorded checksums",
         _passed(True), "results/manifest.json"),
    ]  # fmt: skip
    fit = {} if subject.ensemble is None else subject.ensemble.provenance
    rows += [
        (f"Fit: {line['what']}", line["shown"], line["asked"], _passed(line["passed"]), "fit.json")
        for line in fit.get("gate", ())
    ]
    same = subject.provenance.ensemble is None or subject.provenance.ensemble in text
    of_this = "" if same else " (of another fit than that of this comparison)"
    rows += [
        (f"{title}{of_this}", blocks.plain(blocks.marked(result)), "", "see the text",
         "validation.md")
        for title, result in _RESULT.findall(text)
    ]  # fmt: skip
    if pinned := read_pinned():
        run, digest = pinned["run"], pinned["digest"][:_DIGITS]
        what = ", ".join(f"{key} {value}" for key, value in run.items())
        rows.append(
            ("A small run has pinned numbers", f"{what}: {digest}", "the same bits",
             "run crossings doctor", "simulation/doctor/pinned.json")
        )  # fmt: skip
    about = "What failed is a finding about the model: there it cannot be trusted."
    return Log("checks", "Checks done", about, ("Check", "Result", "Asked", "Verdict", "In"), rows)


def _passed(passed: bool) -> str:
    return "passed" if passed else "failed"


# -- who bears the effects, and the transparency record --------------------------------------------


def _bearers(subject: Subject) -> Log:
    """Who bears the effects, with what was counted of them and what was not."""
    effects = subject.findings.scenarios
    rows = []
    for one in pack_texts()["bearer"]:
        counted = [
            f"{effect.title}: {'; '.join(_figure(effect, name) for name in one['outcomes'])}"
            for effect in effects
            if one["outcomes"]
        ]
        rows.append((one["who"], "\n".join(counted) or "nothing is counted", one["uncounted"]))
    about = (
        "Differences from the baseline over all days counted: the range over plausible worlds, or "
        "else the average with its 90% interval."
    )
    columns = ("Who", "What was counted", "What no number has")
    return Log("who-bears-it", "Who bears the effects", about, columns, rows)


def _figure(one: ScenarioEffects, name: str) -> str:
    """The effect on an outcome, as it may be quoted."""
    effect = one.effect(name)
    text = quoting.plausible(name, effect)
    if text and not quoting.same(effect.plausible):
        text = f"{text} {quoting.unit(name, effect)}".rstrip()
    return f"{OUTCOMES[name].label} {text or quoting.whole(name, effect)}"


def _record(subject: Subject) -> Log:
    """The fields of a transparency record, filled in where records say enough."""
    provenance = subject.provenance
    values = {
        "version": provenance.version,
        "model": provenance.model,
        "source": provenance.source,
        "commit": provenance.commit or "not run from a checkout",
        "basis": provenance.basis,
        "data": data_line(subject.manifest.data),
        "title": subject.title,
    }
    rows = [
        (one["field"], one["text"].format(**values) if "text" in one else YOURS)
        for one in pack_texts()["record"]
    ]
    about = "The fields of the UK's Algorithmic Transparency Recording Standard."
    columns = ("Field", "Entry")
    return Log("transparency-record", "Transparency record", about, columns, rows)
