"""What stands on a page that was rendered without a browser."""

from __future__ import annotations

import time

import ipyvuetify as v

from tests.patience import Patience


def until(true):
    """Wait for what happens in another thread or process; what it gave."""
    patience = Patience()
    while not (value := true()):
        patience.check("what is waited for")
        time.sleep(0.02)
    return value


def everything(rc):
    """The children of every widget on the page, those within others included."""
    waiting = [rc.container]
    while waiting:
        children = list(getattr(waiting.pop(), "children", ()))
        waiting += children
        yield children


def words(rc):
    """All that is written on the page."""
    return " ".join(child for one in everything(rc) for child in one if isinstance(child, str))


def button(rc, label):
    """The button of this label, or None."""
    return next((one for one in rc.find(v.Btn).widgets if label in one.children), None)


def own(rc, name):
    """Our own components, which are drawn in the browser, that have a value or event of a name."""
    return [one for one in rc.find(v.VuetifyTemplate).widgets if hasattr(one, name)]


def links(rc):
    """Where the links of the page lead."""
    return [one.attributes.get("href") for one in rc.find(v.Html).widgets if one.tag == "a"]
