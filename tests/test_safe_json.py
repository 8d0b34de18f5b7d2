"""JSON that somebody else wrote: used, or refused in one line, within its limits."""

from __future__ import annotations

import ast
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

import simulation
from simulation.errors import InputError
from simulation.safe_json import MOST_DEPTH, check_json, parse_json, read_json
from tests.trust.json_cases import USELESS

ROOT = Path(simulation.__file__).parent
#: the reader itself; a round trip of the program's own values; the maintainer's own download
ALLOWED = {
    "safe_json.py", "experiments/engine/experiment.py", "corridor/build_coastline.py",
}  # fmt: skip

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(values)
def test_what_python_writes_is_read_as_it_was(content):
    text = json.dumps(content)
    assert parse_json(text.encode()) == content
    assert parse_json(text.encode("utf-8-sig")) == content


@given(st.binary() | st.text(alphabet='[]{}",:0e9.\\-N').map(str.encode))
def test_bytes_are_read_or_refused(data):
    told = ""
    try:
        parse_json(data)
    except ValueError as error:
        told = str(error)
    assert told.isprintable()


@pytest.mark.parametrize("name", [n for n in USELESS if n not in ("a list", "a number")])
def test_a_useless_file_is_refused_in_one_line(tmp_path, name):
    file = tmp_path / "x.json"
    file.write_bytes(USELESS[name])
    with pytest.raises(InputError) as caught:
        read_json(file)
    line = str(caught.value)
    assert line.startswith(f"{file}: ")
    assert line.isprintable()
    assert len(line) < 400


def test_nesting_is_allowed_up_to_its_limit():
    for depth, allowed in ((MOST_DEPTH, True), (MOST_DEPTH + 1, False)):
        text = b"[" * depth + b"]" * depth
        if allowed:
            parse_json(text)
        else:
            with pytest.raises(ValueError, match="nested too deeply"):
                parse_json(text)


@pytest.mark.parametrize("text", ["9223372036854775808", "18446744073709551615"])
def test_a_hash_of_64_bits_is_read(text):
    assert parse_json(text.encode()) == int(text)


def test_python_s_own_nan_is_read_only_where_it_is_asked_for():
    assert parse_json(b"[Infinity, 1e999]", nan=True) == [float("inf")] * 2
    for text in (b"[NaN]", b"[-Infinity]", b"[1e999]"):
        with pytest.raises(ValueError, match=r"not a number|too large"):
            parse_json(text)


def test_what_is_no_file_is_refused_and_not_waited_for(tmp_path):
    os.symlink(tmp_path / "loop", tmp_path / "loop")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name, why in (
        ("loop", "cannot be read"), ("pipe", "not a file"), ("folder", "a folder"),
        ("none", "file not found"), ("folder/x", "file not found"), ("x" * 300, "cannot be read"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=why):
            read_json(tmp_path / name)
    if Path("/dev/zero").exists():
        with pytest.raises(InputError, match="not a file"):
            read_json(Path("/dev/zero"))


def test_the_first_wrong_value_is_named_with_its_key(tmp_path):
    class Model(BaseModel):
        model_config = ConfigDict(strict=True)
        seeds: list[int]

    file = tmp_path / "x.json"
    for content, key in (({"seeds": [1, "2"]}, "seeds[1]"), ({}, "seeds"), ([1], None)):
        with pytest.raises(InputError) as caught:
            check_json(content, Model, file)
        assert (caught.value.file, caught.value.key) == (str(file), key)
    assert check_json({"seeds": [1], "more": {}}, Model, file) == {"seeds": [1], "more": {}}


def test_json_enters_the_program_in_one_place():
    readers = set()
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in ("load", "loads"):
                owner = node.value
                if isinstance(owner, ast.Name) and owner.id == "json":
                    readers.add(path.relative_to(ROOT).as_posix())
    assert readers == ALLOWED
