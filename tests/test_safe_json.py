"""JSON files: used, or refused in one line."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from simulation.errors import InputError
from simulation.safe_json import check_json, read_json
from tests.trust.json_cases import USELESS, refused

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@pytest.mark.parametrize("name", [n for n in USELESS if n not in ("a list", "a number")])
def test_a_useless_file_is_refused_in_one_line(tmp_path, name):
    assert len(refused(read_json, tmp_path / "x.json", USELESS[name])) < 400


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
