"""Two threads set one widget at once: nothing fails, and all that was set is sent."""

from __future__ import annotations

import threading
from unittest.mock import Mock

import ipywidgets
import pytest
import traitlets

from simulation.app import syncing


def _with_another_thread(value, widget):
    """The value to send, after another thread has set the two other ones to it."""

    def set_others():
        with widget.hold_sync():
            widget.second = widget.third = value

    if value:
        other = threading.Thread(target=set_others)
        other.start()
        other.join()
    return value


class Picture(ipywidgets.Widget):
    """A widget of three values; while the first is sent, another thread sets the others."""

    first = traitlets.Int().tag(sync=True, to_json=_with_another_thread)
    second = traitlets.Int().tag(sync=True)
    third = traitlets.Int().tag(sync=True)

    def open(self):
        self.comm = Mock(comm_id="of a browser")


@pytest.fixture
def sent(monkeypatch):
    """What widgets send, value by value, with the rule of the server."""
    values = []
    for name in ("hold_sync", "_should_send_property"):
        monkeypatch.setattr(ipywidgets.Widget, name, getattr(ipywidgets.Widget, name))
    syncing.let_two_threads_set_a_widget()
    monkeypatch.setattr(
        ipywidgets.Widget, "_send", lambda self, message, **_: values.append(message["state"])
    )
    return values


def test_what_another_thread_sets_while_the_rest_is_sent_is_sent_too(sent):
    picture = Picture()
    with picture.hold_sync():
        picture.first = 7
        with picture.hold_sync():
            assert sent == []
    assert {name: value for state in sent for name, value in state.items()} == {
        "first": 7,
        "second": 7,
        "third": 7,
    }
    picture.second = 8
    assert sent[-1] == {"second": 8}


def test_what_was_set_is_sent_although_the_rest_failed(sent):
    picture = Picture()

    def fail():
        with picture.hold_sync():
            picture.third = 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert sent == [{"third": 1}]


def test_what_is_set_just_before_the_rest_is_sent_is_sent_too(sent):
    picture, begun, adding = Picture(), threading.Event(), threading.Event()

    def hold():
        with picture.hold_sync():
            begun.set()
            adding.wait()

    holder = threading.Thread(target=hold)

    class Names(set):
        """A set that lets the other thread go on, as far as it may, before it holds one more."""

        def add(self, name):
            adding.set()
            holder.join(0.5)
            super().add(name)

    picture._states_to_send = Names()
    holder.start()
    begun.wait()
    picture.third = 5
    holder.join()
    assert sent == [{"third": 5}]
