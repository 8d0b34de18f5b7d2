"""A component of the controls as a visitor meets it: found by what it says, used as by a hand."""

from __future__ import annotations

from typing import Any

import ipyvuetify as vw

from tests.app.reading import own, words

FIELDS = (vw.TextField, vw.Select, vw.Autocomplete, vw.Switch)


class Page:
    """A rendered component. Elements are found anew each time, as they come and go."""

    def __init__(self, rc: Any) -> None:
        self.rc = rc

    def all(self, *kinds: type) -> list[Any]:
        return list(self.rc.find(kinds).widgets)

    def button(self, name: str) -> Any:
        """The button that is read aloud as this."""
        buttons = [b for b in self.all(vw.Btn) if b.attributes["aria-label"] == name]
        assert len(buttons) == 1, [b.attributes["aria-label"] for b in self.all(vw.Btn)]
        return buttons[0]

    def press(self, name: str) -> None:
        self.button(name).click()

    def field(self, label: str) -> Any:
        """The field with a label."""
        fields = [w for w in self.all(*FIELDS) if w.label == label]
        assert len(fields) == 1, label
        return fields[0]

    def fill(self, **values: Any) -> None:
        """Fill in fields; an underscore stands for a space of the label."""
        for label, value in values.items():
            self.field(label.replace("_", " ")).v_model = value

    def leave(self, label: str, text: str) -> None:
        """Type into a field that hands over its text when it is left."""
        widget = self.field(label)
        widget.v_model = text
        widget.fire_event("change", text)

    def problems(self) -> list[str]:
        return [html.children[0] for html in self.rc.find(vw.Html, class_="problem").widgets]

    def texts(self) -> str:
        """Everything that is written on it."""
        return words(self.rc)

    @property
    def grid(self) -> Any:
        """The cells of the matrix."""
        (matrix,) = own(self.rc, "vue_pick")
        return matrix

    def pick(self, first: str, second: str, level: str) -> None:
        self.grid.vue_pick({"first": first, "second": second, "level": level})
