"""Nothing that a user installs is under the GPL, the AGPL or a licence that nobody knows."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tests import third_party
from tests.third_party import Row, licence, permitted, reviewed, runtime


@pytest.fixture(scope="module")
def closure():
    return runtime()


def refused(rows):
    return {f"{row.name}: {row.licence} ({row.read})" for row in rows if not permitted(row)}


# -- of this installation -------------------------------------------------------------------------


def test_every_distribution_has_a_licence_that_is_permitted(closure):
    assert len(closure.installed) > 50
    assert {"numpy", "distributed", "mesa"} <= set(closure.installed)
    assert "pytest" not in closure.installed
    assert refused(licence(distribution) for distribution in closure.installed.values()) == set()


def test_those_that_only_another_system_installs_were_read(closure):
    rows = {row["name"]: Row(row["name"], row["licence"], "") for row in reviewed()["elsewhere"]}
    assert closure.elsewhere <= set(rows)
    assert refused(rows.values()) == set()


@pytest.mark.slow
def test_what_lies_inside_of_a_wheel_has_a_licence_that_is_permitted(closure):
    assert refused(row for _, row in third_party.libraries(closure)) == set()
    assert refused(row for _, row in third_party.components(closure)) == set()
    assert refused(row for _, row in third_party.scripts(closure)) == set()


def test_the_page_is_current(closure):
    direct = [Requirement(text) for text in metadata.requires("crossings") or ()]
    newer = [
        need.name
        for need in direct
        if need.marker is None
        for bound in need.specifier
        if bound.operator == ">=" and Version(metadata.version(need.name)) > Version(bound.version)
    ]
    if not newer:
        pytest.skip("the oldest versions require others than the newest, which the page names")
    lines = third_party.PAGE.read_text(encoding="utf-8").splitlines()
    wanted = third_party.page(closure).splitlines()
    how = "uv run --all-extras python -m tests.third_party"
    # home pages move with patch releases: what counts is what is used, and its licence
    assert [_without_link(x) for x in lines] == [_without_link(x) for x in wanted], how


def _without_link(line):
    return [part for part in line.split(" | ") if not part.startswith("http")]


def test_the_page_names_no_package_index():
    assert "pypi" not in third_party.PAGE.read_text(encoding="utf-8")


# -- of made-up ones ------------------------------------------------------------------------------

OSI = "Classifier: License :: OSI Approved :: "
BSD = OSI + "BSD License"
TEXT = {
    "MIT": "The MIT License\n\nPermission is hereby granted, free of charge, to any person",
    "GPL": "          GNU GENERAL PUBLIC LICENSE\n          Version 3, 29 June",
    "AGPL": "GNU AFFERO GENERAL PUBLIC LICENSE\nVersion 3",
    "BSD3": (
        "Redistribution and use in source and binary\nforms, with or without modification ... "
        "Neither the name may be used to\n * endorse or promote products"
    ),
    "BSD2": "Redistribution and use in source and binary forms, with or without modification",
}


def write_distribution(
    folder: Path, name: str, *lines: str, text: str = "", needs=(), extras=()
) -> None:
    """Write the metadata of a distribution."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    head = ["Metadata-Version: 2.4", f"Name: {name}", "Version: 1.0", *lines]
    head += [f"Provides-Extra: {extra}" for extra in extras]
    head += [f"Requires-Dist: {need}" for need in needs]
    (info / "METADATA").write_text("\n".join(head) + "\n", encoding="utf-8")
    record = f"{name}-1.0.dist-info/METADATA,,\n"
    if text:
        (info / "LICENSE").write_text(text, encoding="utf-8")
        record += f"{name}-1.0.dist-info/LICENSE,,\n"
    (info / "RECORD").write_text(record, encoding="utf-8")


@pytest.mark.parametrize(
    ("lines", "text", "wanted", "good"),
    [
        (["License-Expression: MIT"], "", "MIT", True),
        (["License-Expression: MIT AND GPL-3.0-only"], "", "MIT AND GPL-3.0-only", False),
        (["License-Expression: MIT OR GPL-3.0-only"], "", "MIT OR GPL-3.0-only", True),
        (["License-Expression: AGPL-3.0-or-later"], "", "AGPL-3.0-or-later", False),
        (["License-Expression: (MIT OR GPL-2.0) AND ISC"], "", "(MIT OR GPL-2.0) AND ISC", True),
        (["License-Expression: (MIT AND GPL-2.0) OR AGPL-3.0"], "",
         "(MIT AND GPL-2.0) OR AGPL-3.0", False),
        # accepted for those that were read, and for nobody else
        (["License-Expression: MPL-2.0"], "", "MPL-2.0", False),
        ([OSI + "MIT License"], "", "MIT", True),
        ([OSI + "MIT License", OSI + "GNU General Public License (GPL)"], "",
         "unknown (GNU General Public License (GPL))", False),
        ([BSD], TEXT["BSD2"], "BSD-2-Clause", True),
        ([BSD], TEXT["GPL"], "GPL-3.0", False),
        ([BSD], "", "unknown", False),
        (["License: BSD-3-Clause"], "", "BSD-3-Clause", True),
        (["License: Whatever"], TEXT["AGPL"], "AGPL-3.0", False),
        ([], TEXT["MIT"], "MIT", True),
        ([], "All rights reserved.", "unknown", False),
        ([], "", "unknown", False),
    ],
)  # fmt: skip
def test_how_a_licence_is_read(tmp_path, lines, text, wanted, good):
    write_distribution(tmp_path, "one", *lines, text=text)
    write_distribution(tmp_path, "ours", needs=["one"])
    (distribution,) = runtime("ours", [str(tmp_path)]).installed.values()
    row = licence(distribution)
    assert row.licence == wanted
    assert permitted(row) == good
