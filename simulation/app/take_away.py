"""What a visitor takes along or brings: the scenario file, a link, the data behind the charts."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, cast

import solara

from simulation.app import board
from simulation.app.answer import answer, answer_of
from simulation.app.draft import Draft
from simulation.app.ensemble import short_name
from simulation.app.fields import Notice
from simulation.app.links import TABS, Pin, fits, query_of
from simulation.errors import InputError
from simulation.frames import EstimateResults
from simulation.scenario import Scenario
from simulation.scenario.files import MAXIMUM_BYTES

#: spreadsheets take a file for UTF-8 only where it says so
_FOR_SPREADSHEETS = "utf-8-sig"


@solara.component_vue("link_field.vue")
def _LinkField(query: str, event_copied: Callable[[object], None]) -> None:
    """A field with the link that holds the what-if, and a button that copies it."""


@solara.component_vue("open_file.vue")
def _OpenFile(
    label: str,
    most: int,
    event_opened: Callable[[Mapping[str, Any]], None],
    event_refused: Callable[[Mapping[str, Any]], None],
) -> None:
    """A button that opens a file, and reads none that is too large."""


@solara.component
def TakeAway(csv: Callable[[], dict[str, str]], earlier: bool = False) -> None:
    """Files and links to take away, and a file to bring.

    Args:
        csv: Gives the data behind each chart when it is asked for: name of the file → its text.
        earlier: Whether the charts are of an earlier run than the controls ask for.
    """
    with solara.Column(gap="20px", classes=["crossings-take-away"]):
        with _section("The what-if as a file"):
            text = "All that you have set. Anybody with crossings can run it, or open it here."
            solara.Text(text)
            with solara.Row():
                _ScenarioFile()
        _Upload()
        _Link()
        _Data(csv, earlier)


@solara.component
def TakeAnswer() -> None:
    """The answer to take along: its figures, its scenario, and what gives them again."""
    draft, years, pins = board.draft.value, board.years.value, board.pins.value
    estimated, checked = answer.value.estimate is not None, board.checked.value
    asked = [Pin(draft, years), *(pin for pin in pins if pin != Pin(draft, years))]
    table = solara.use_memo(lambda: partial(estimates_csv, asked), [asked])
    if checked.whatif is None or checked.is_baseline:
        return
    with solara.Column(gap="10px", classes=["crossings-again"]):
        solara.v.Html(tag="h2", children=["Take it away"])
        with solara.Row(gap="8px", style={"flex-wrap": "wrap"}):
            _ScenarioFile("Download the scenario (TOML)")
            if estimated:
                solara.FileDownload(
                    table, "estimates.csv", label="Download the figures (CSV)",
                    mime_type="text/csv", string_encoding=_FOR_SPREADSHEETS,
                )  # fmt: skip
        solara.Text("These give the same figures from that file, or run the full model:")
        for text in again(file_name(draft.title), years, estimated, checked.baseline):
            solara.v.Html(tag="pre", attributes={"tabindex": "0"}, children=[text])


def again(file: str, years: str, estimated: bool, baseline: Scenario) -> list[str]:
    """What gives the figures of a what-if again: commands and lines of Python.

    Args:
        file: Its scenario file.
        years: The years of its answer.
        estimated: Whether it has an estimate.
        baseline: What it is compared with.
    """
    first = baseline.slug
    texts = [f"crossings compare {first} {file} --period {years}"]
    verb, names = "compare", f'"{first}", "{file}"'
    if estimated:
        texts.insert(0, f"crossings estimate {file} --period {years}")
        verb, names = "estimate", f'"{file}"'
    return [*texts, f'from simulation import {verb}\nprint({verb}({names}, period="{years}"))']


def estimates_csv(asked: Sequence[Pin]) -> str:
    """The figures of every what-if that has an estimate, as a table."""
    import pandas as pd

    frames = []
    for draft, years in asked:
        estimate = answer_of(draft, board.examine(draft), years).estimate
        if estimate:
            frame = EstimateResults(estimate.as_json(), "").changes
            frame.insert(0, "scenario", draft.title)
            frames.append(frame)
    return pd.concat(frames).to_csv(index=False)


def _section(title: str) -> solara.Element:
    """A part of the page with its heading, to be filled within a block."""
    return solara.Column(gap="6px", children=[solara.v.Html(tag="h3", children=[title])])


@solara.component
def _ScenarioFile(label: str = "Download the scenario file") -> None:
    draft = board.draft.value

    def content() -> str:
        board.saved.set(draft.text())
        return draft.text()

    # the download starts anew when the function it is given is another
    download = solara.use_memo(lambda: content, [draft])
    kind = "application/toml"
    solara.FileDownload(download, file_name(draft.title), label=label, mime_type=kind)


@solara.component
def _Upload() -> None:
    (success, problem), tell = solara.use_state(("", ""))

    def opened(file: Mapping[str, Any]) -> None:
        try:
            draft = Draft.of_file(base64.b64decode(file["content"]), _name(file))
        except InputError as error:
            tell(("", str(error)))
            return
        board.replace_draft(draft)
        board.saved.set(draft.text())
        tell((f"“{draft.title}” is open.", ""))

    with _section("Open a scenario file"):
        solara.Text("It takes the place of the what-if here. At most 1 MB.")
        with solara.Row():
            _OpenFile(
                label="Open a file",
                most=MAXIMUM_BYTES,
                event_opened=opened,
                event_refused=lambda file: tell(("", str(too_large(file)))),
            )
        if problem:
            Notice("error", problem, "The what-if is as it was.")
        elif success:
            Notice("success", success)


@solara.component
def _Link() -> None:
    state = board.state(TABS[0])
    query = solara.use_memo(lambda: query_of(state), [state])
    with _section("A link to it"):
        if not fits(state.draft):
            solara.Text("It is too large for a link: download it as a file.")
            return
        solara.Text("It shows the same on every server. The link holds all: nothing is kept here.")
        _LinkField(query=query, event_copied=lambda _: board.saved.set(state.draft.text()))


@solara.component
def _Data(csv: Callable[[], dict[str, str]], earlier: bool) -> None:
    (files, problem), tell = solara.use_state(cast(tuple[dict[str, str] | None, str], (None, "")))
    # tables of a run that is no longer the one shown are not offered
    solara.use_effect(lambda: tell((None, problem)), [earlier])

    def make() -> None:
        try:
            tell((csv(), ""))
        except Exception as error:  # a chart that fails must not take the page with it
            tell((None, f"The data cannot be made now ({type(error).__name__}: {error})."))

    with _section("The data behind the charts"):
        solara.Text("Tables of what the charts show now (CSV).")
        if earlier:
            solara.Text(
                "They are of the earlier run: the controls have changed since it began.",
                classes=["crossings-problem"],
            )
        with solara.Row():
            label = "Make the tables" if files is None else "Make the tables again"
            solara.Button(label, on_click=make, icon_name="mdi-table")
        if problem:
            Notice("error", problem)
        elif files is not None and not files:
            solara.Text("No chart has data yet: let the runs begin.")
        elif files:
            _Files(files)


@solara.component
def _Files(files: Mapping[str, str]) -> None:
    # the download starts anew when the function it is given is another
    all_of_them = solara.use_memo(lambda: partial(zip_of, files), [id(files)])
    with solara.Row(style={"flex-wrap": "wrap"}, gap="8px"):
        for name, text in files.items():
            solara.FileDownload(
                text, name, label=name, mime_type="text/csv", string_encoding=_FOR_SPREADSHEETS
            ).key(name)
        if len(files) > 1:
            label, kind = "All of them (ZIP)", "application/zip"
            packed = solara.FileDownload(all_of_them, "charts.zip", label=label, mime_type=kind)
            packed.key("all of them")


def file_name(title: str) -> str:
    """A name for the scenario file of a what-if."""
    return f"{short_name(title)}.toml"


def too_large(file: Mapping[str, Any]) -> InputError:
    """The error for a file that is too large, by its `name` and `size` in bytes."""
    problem = f"too large for a scenario, and was not read ({file['size'] / 1e6:,.1f} MB)"
    return InputError(problem, file=_name(file), allowed="1 MB")


def zip_of(files: Mapping[str, str]) -> bytes:
    """All tables in one file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text.encode(_FOR_SPREADSHEETS))
    return packed.getvalue()


def _name(file: Mapping[str, object]) -> str:
    """The name of a file, short enough for a message."""
    return str(file.get("name") or "the file")[:100]
