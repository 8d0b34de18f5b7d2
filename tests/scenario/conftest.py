"""A corridor small enough to check by hand."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

from simulation.parameters import load_parameters
from simulation.scenario import load_scenario

CODES = {
    **dict.fromkeys(("MK", "RS", "HU", "DE", "FR"), "country"),
    **dict.fromkeys(("UK-CI", "UK-BI", "UK-IN"), "uk"),
    "FRONTEX": "hub",
}
PLACES = [
    ("gevgelija", "MK", "balkan"), ("belgrade", "RS", "air"), ("subotica", "RS", ""),
    ("szeged", "HU", ""), ("calais", "FR", ""), ("dover", "UK-BI", ""),
]  # fmt: skip
LEGS = list(pairwise(name for name, _, _ in PLACES))
ORIGINS = ("afghanistan", "albania", "visa_free_serbia")
STAFF = ("border_patrol", "checkpoint", "coast_patrol", "investigation", "analysis")


def sharing(first, second, level="high", **more):
    return {"between": (first, second), "level": level, **more}


def staff(authority, kind="analysis", **more):
    return {"authority": authority, "kind": kind, **more}


class Thing(SimpleNamespace):
    """What can be looked up, as the package's own types can."""

    __hash__ = object.__hash__


@pytest.fixture(scope="session")
def corridor():
    authorities = tuple(Thing(code=c, name=c, kind=k) for c, k in CODES.items())
    places = tuple(Thing(id=i, name=i, authority=a, route=r) for i, a, r in PLACES)
    ground = {place.id: place.authority for place in places}
    legs = tuple(
        Thing(
            id=f"{a}>{b}:road",
            origin=a,
            stage="channel" if b == "dover" else "centre",
            mode="boat" if b == "dover" else "road",
            smuggled=True,
            border="" if ground[a] == ground[b] else f"{ground[a]}-{ground[b]}",
            target=b,
            authority_from=ground[a],
            authority_to=ground[b],
        )
        for a, b in LEGS
    )
    groups = {
        "UK": ("UK-CI", "UK-BI", "UK-IN"),
        "EU": ("HU", "DE", "FR", "FRONTEX"),
        "WB6": ("MK", "RS"),
        "EPC": tuple(code for code, kind in CODES.items() if kind != "hub"),
    }
    index = {code: i for i, code in enumerate(CODES)}

    def members(name):
        return groups[name] if name in groups else (list(index)[index[name]],)

    chain = Thing(id="road", share=1.0, places=("szeged",), authorities=("HU", "DE"))
    staff = {kind: np.arange(1.0, len(CODES) + 1) for kind in STAFF}
    for code in ("UK-IN", "FRONTEX"):
        staff["investigation"][index[code]] = 0.0
    return Thing(
        places=places,
        legs=legs,
        authorities=authorities,
        groups=groups,
        place_index={place.id: i for i, place in enumerate(places)},
        authority_index=index,
        staff=staff,
        supply_chains=(chain,),
        members=members,
    )


@pytest.fixture
def write(tmp_path):
    """Write a scenario file; a run is put in front of it unless it says otherwise."""

    def write_file(text, name="mine", run="2023-01-01 2024-12-31"):
        path = tmp_path / f"{name}.toml"
        head = 'title = "Mine"\n' if "title =" not in text else ""
        extends = [
            line for line in text.splitlines() if line.startswith(("extends", "clear", "drop"))
        ]
        rest = [line for line in text.splitlines() if line not in extends]
        head += "\n".join(extends) + "\n"
        if run:
            start, end = run.split()
            head += f"run = {{ start = {start}, end = {end} }}\n"
        path.write_text(head + "\n".join(rest) + "\n")
        return path

    return write_file


@pytest.fixture
def load(corridor):
    return lambda path: load_scenario(path, corridor, ORIGINS)


@pytest.fixture(scope="session")
def parameters():
    return load_parameters()
