"""Forms of the what-if: every lever has one, and what it gives is what a scenario file says."""

from __future__ import annotations

import base64
import tomllib
from datetime import date

import pytest

from simulation.app import board, forms
from simulation.app.draft import Draft
from simulation.app.what_if import WhatIf, changed, file_name
from simulation.errors import InputError
from simulation.scenario.levers.registry import LEVER_OF
from tests.app.reading import own

SHARING = {"between.first": "UK", "between.second": "RS", "level": "high", "from": "2023-07-01"}
AGREEMENT = {"between": ["UK", "RS"], "level": "high", "from": date(2023, 7, 1)}
#: a file that extends another one outside of the package
OUTSIDE = b'title = "x"\nextends = "../x"\n'


def typed_from(field, lever):
    """What somebody types into a field to get what a lever holds."""
    key, _, part = field["key"].partition(".")
    value = lever.get(key)
    if value is not None and part:
        value = value[part == "second"] if isinstance(value, list) else value.get(part)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return value if field["items"] else ", ".join(value)
    return "" if value is None else str(value)


@pytest.mark.parametrize("section", LEVER_OF)
def test_the_example_of_every_lever_can_be_typed_into_its_form(section):
    ((lever,),) = tomllib.loads(LEVER_OF[section].example()).values()
    fields = forms.form_of(section)["fields"]
    entry = forms.entry_of(section, {one["key"]: typed_from(one, lever) for one in fields})
    hidden = {
        key: lever[key] for key in ("name", "announced", "signed", "replaces") if key in lever
    }
    assert {**entry, **hidden} == lever
    assert all(one["label"] and one["hint"] for one in fields)


@pytest.mark.parametrize("section", forms.TABLES)
def test_a_table_is_set_changed_and_taken_out(section):
    field = forms.form_of(section)["fields"][0]
    values = [one["value"] for one in field["items"]] or ["2023-06-01", "2023-07-01"]
    draft = Draft()
    for value in values[-2:]:
        entry = forms.entry_of(section, {field["key"]: value})
        draft = forms.added(draft, section, entry)
        assert draft.data[section] == entry
        assert [line["section"] for line in forms.said(draft)] == [section]
    assert forms.removed(draft, section, 0) == Draft()


@pytest.mark.parametrize(("section", "typed", "message"), [
    ("sharing", {"level": "high"}, "Between: first: missing"),
    ("staff", {"authority": "FR", "kind": "coast_patrol", "change": "many"}, "must be a number"),
    ("sharing", {**SHARING, "from": "July"}, "must be a date"),
])  # fmt: skip
def test_what_cannot_be_read_is_refused_in_words(section, typed, message):
    with pytest.raises(InputError, match=message):
        forms.entry_of(section, typed)


def test_the_panel_adds_names_drops_opens_and_removes():
    draft = changed(Draft("agreements-as-signed"), "sharing", {"add": SHARING})
    assert draft.entries("sharing") == [AGREEMENT]
    draft = changed(draft, "sharing", {"entitle": " Mine "})
    assert (draft.title, file_name(draft.title)) == ("Mine", "mine.toml")
    gone = forms.of_start(draft)[0]["value"]
    draft = changed(draft, "sharing", {"drop": gone})
    assert draft.data["drop"] == [gone]
    assert gone not in [one["value"] for one in forms.of_start(draft)]
    content = base64.b64encode(draft.text().encode()).decode()
    assert changed(Draft(), "staff", {"file": "mine.toml", "content": content}) == draft
    for line in reversed(forms.said(draft)):
        draft = changed(draft, "sharing", {"remove": line})
    assert not draft.changed
    assert changed(draft, "sharing", {"begin": "no-sharing"}) == Draft("no-sharing")


def test_what_the_panel_cannot_use_is_told_and_changes_nothing(render):
    (panel,) = own(render(WhatIf(True)), "vue_act")
    for asked, message in (
        ({"add": {"between.first": "UK", "between.second": "UK-CI"}}, "sharing"),
        ({"file": "x.toml", "content": base64.b64encode(b"title =").decode()}, "x.toml"),
        ({"file": "x.toml", "content": base64.b64encode(OUTSIDE).decode()}, "x.toml:2"),
        ({"too_large": "x.toml"}, "allowed: 1 MB"),
    ):  # fmt: skip
        panel.vue_act(asked)
        assert message in panel.problem
        assert board.draft.value == Draft()
    panel.vue_act({"add": SHARING})
    assert board.draft.value.entries("sharing") == [AGREEMENT]
    assert panel.problem == ""
    assert panel.changes == ("Sharing between UK and RS rises from low to high from 1 July 2023.",)
    assert panel.toml == board.draft.value.text()
