"""A what-if in a link: it comes back as it was, and a bad link is refused in words."""

from __future__ import annotations

import base64
import time
import tracemalloc
import zlib

import pytest

from simulation.app.draft import Draft, shipped
from simulation.app.links import MOST_BYTES, MOST_LETTERS, decode, encode
from simulation.errors import InputError
from simulation.scenario import shipped_scenarios

AGREEMENT = {"between": ["UK", "RS"], "level": "high"}


def packed(content: bytes) -> str:
    return base64.urlsafe_b64encode(zlib.compress(content, 9)).decode().rstrip("=")


@pytest.mark.parametrize("name", sorted(shipped_scenarios()))
def test_what_is_packed_comes_back(name):
    for made in (Draft(name), Draft.of_scenario(shipped(name))):
        link = encode(made)
        assert set(link) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")
        assert decode(link).scenario().hash() == made.scenario().hash()


def test_it_may_be_broken_over_lines():
    made = Draft().with_(title="Mehr teilen: été <b>", sharing=[AGREEMENT])
    link = encode(made)
    found = decode(f"{link[:40]}\r\n  {link[40:]}\n")
    assert found.title == made.title
    assert found.shown == Draft().shown
    assert found.scenario().hash() == made.scenario().hash()


@pytest.mark.parametrize("link", [
    "", "a", "!!!!", "é", "\x00", "abcd", encode(Draft())[:-6], encode(Draft()) + "AAAA",
    "=" * 40,
])  # fmt: skip
def test_a_damaged_link_is_refused(link):
    with pytest.raises(InputError, match=r"^the link: is damaged or was cut short"):
        decode(link)


@pytest.mark.parametrize(("content", "message"), [
    (b"no toml", "not valid TOML"), (b"\xff\xfe", "not UTF-8"), (b'title = "x"\n', "missing"),
    (b'title = "x"\nextends = "../../etc/passwd"\n', "extends"),
    (b"a=" + b"[" * 20_000, "not valid TOML"),
])  # fmt: skip
def test_a_link_that_carries_no_scenario_is_refused(content, message):
    with pytest.raises(InputError, match=message) as caught:
        decode(packed(content))
    assert str(caught.value).startswith("the link")


def test_a_small_link_cannot_fill_the_memory():
    # what unpacks to 5 MB is some 7,000 letters
    bomb = packed(bytes(5_000_000))
    assert len(bomb) <= MOST_LETTERS
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match="carries too much"):
            decode(bomb)
        assert tracemalloc.get_traced_memory()[1] < 20 * MOST_BYTES
    finally:
        tracemalloc.stop()


def test_a_long_link_is_refused_before_it_is_unpacked():
    began = time.monotonic()
    with pytest.raises(InputError, match="too long"):
        decode("A" * 5_000_000)
    assert time.monotonic() - began < 2.0


def test_what_says_too_much_is_no_link():
    noise = base64.b64encode(bytes(i * i % 251 for i in range(90_000))).decode()
    with pytest.raises(InputError, match="too much for a link"):
        encode(Draft().with_(description=noise))
