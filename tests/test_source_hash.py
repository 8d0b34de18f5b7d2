"""A hash of code that stays when only words change."""

from __future__ import annotations

import ast

import pytest

from simulation.source_hash import NOT_MODEL, NOT_SIMULATOR, PACKAGE, hash_of

SOURCE = '''
"""What it is about."""
LIMIT = 3  # people


class Boat:
    """A boat."""

    seats: int = 5

    def full(self, people: int) -> bool:
        """Whether it is full."""
        return people >= self.seats
'''


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def hashed(source: str) -> str:
    return hash_of([("boat.py", source.encode())])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  # people", ""),
        ("  # people", "  # who can board"),
        ('"""What it is about."""\n', ""),
        ('    """A boat."""\n', '    """A boat\n\n    of rubber.\n    """\n'),
        ('        """Whether it is full."""\n', ""),
        ("\n\n\nclass", "\nclass"),
        ("people >= self.seats", "(\n            people\n            >= self.seats\n        )"),
    ],
)
def test_words_and_layout_change_nothing(old, new):
    assert old in SOURCE
    assert hashed(SOURCE.replace(old, new, 1)) == hashed(SOURCE)


@pytest.mark.parametrize(("old", "new"), [
    ("LIMIT = 3", "LIMIT = 4"), ("LIMIT = 3", "LIMIT = 3.0"), ("LIMIT = 3", 'LIMIT = "3"'),
    ("LIMIT", "BOUND"), (">=", ">"), ("seats: int = 5", "seats: float = 5"),
    ("seats: int = 5", 'seats: int = 5\n    "words that are no docstring"'),
    ("-> bool", "-> int"),
])  # fmt: skip
def test_what_is_done_changes_it(old, new):
    assert hashed(SOURCE.replace(old, new, 1)) != hashed(SOURCE)


def test_data_count_to_the_byte():
    assert hash_of([("a.toml", b"x = 1\n")]) != hash_of([("a.toml", b"x = 1 # words\n")])


def test_it_is_kept_and_a_damaged_one_is_made_again(tmp_path, monkeypatch):
    files = [("boat.py", SOURCE.encode())]
    digest = hash_of(files)
    (stored,) = (tmp_path / "crossings" / "syntax").iterdir()
    with monkeypatch.context() as patch:
        patch.setattr(ast, "parse", None)  # nothing is parsed again
        assert hash_of(files) == digest
    for damage in ("", "0" * 15, "XX" * 8, digest + "0"):
        stored.write_text(damage, encoding="ascii")
        assert hash_of(files) == digest
        assert stored.read_text(encoding="ascii") == digest


def test_what_is_left_out_is_in_the_package():
    lies_elsewhere = {"scenarios_shipped"}  # in a checkout
    names = (NOT_MODEL | NOT_SIMULATOR) - lies_elsewhere
    assert [name for name in names if not (PACKAGE / name).exists()] == []
