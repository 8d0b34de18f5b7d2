"""The licences of all that a user installs, as the installed distributions tell them.

Write `THIRD-PARTY.md` anew after a dependency has changed:

    uv run --all-extras python -m tests.third_party

What a distribution does not say of itself stands in `third_party.toml`.
"""

from __future__ import annotations

import functools
import json
import re
import tomllib
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "THIRD-PARTY.md"
REVIEWED = Path(__file__).with_suffix(".toml")
UNKNOWN = "unknown"
SYSTEMS = {
    "Linux": ("linux", "posix"), "Windows": ("win32", "nt"), "Darwin": ("darwin", "posix"),
}  # fmt: skip
PYTHONS = ("3.12", "3.13", "3.14")
#: what classifiers mean; one that is not here is looked at by a person
CLASSIFIERS = {
    "Apache Software License": "Apache-2.0",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
#: what says too little to be a licence: the text decides
VAGUE = {"BSD License"}
#: short names in the old field `License`
NAMES = {
    name.lower(): name
    for name in ("Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "MIT", "MPL-2.0", "PSF-2.0")
} | {
    "apache 2.0": "Apache-2.0",
    "bsd 3-clause license": "BSD-3-Clause",
    "mpl-2.0 and mit": "MPL-2.0 AND MIT",
}
#: phrases by which a text is known; the first one in it decides, for what follows is of its parts
TEXTS = (
    ("GNU AFFERO GENERAL PUBLIC LICENSE", "AGPL-3.0"),
    ("GNU LESSER GENERAL PUBLIC LICENSE", "LGPL-3.0"),
    ("GNU LIBRARY GENERAL PUBLIC LICENSE", "LGPL-2.0"),
    ("GNU GENERAL PUBLIC LICENSE", "GPL-3.0"),
    ("MOZILLA PUBLIC LICENSE VERSION 2.0", "MPL-2.0"),
    ("APACHE LICENSE VERSION 2.0", "Apache-2.0"),
    ("PERMISSION IS HEREBY GRANTED, FREE OF CHARGE", "MIT"),
    ("PERMISSION TO USE, COPY, MODIFY, AND/OR DISTRIBUTE THIS SOFTWARE FOR ANY", "ISC"),
    ("REDISTRIBUTION AND USE IN SOURCE AND BINARY FORMS", "BSD"),
)
#: characters of a BSD licence after that phrase, in which its third clause stands
BSD_LENGTH = 1200
#: names of links to a home page, the best first
HOMES = ("homepage", "home", "repository", "source", "source code", "github", "code")
LIBRARIES = re.compile(r"[^/]+\.libs/|(^|/)\.dylibs/")


class Row(NamedTuple):
    """A work of somebody else, its licence (an SPDX expression), where that was read, its page."""

    name: str
    licence: str
    read: str
    home: str = ""


@functools.cache
def reviewed() -> dict[str, Any]:
    """What persons have read."""
    return tomllib.loads(REVIEWED.read_text(encoding="utf-8"))


class Closure(NamedTuple):
    """What is required: distributions by canonical name, and the extras asked of each.

    `elsewhere` are names that are required, but only on another system or Python than this.
    """

    installed: dict[str, metadata.Distribution]
    extras: dict[str, set[str]]
    elsewhere: set[str]


def runtime(root: str = "crossings", path: Sequence[str] | None = None) -> Closure:
    """All that comes with a distribution and any of its extras, on any system.

    Distributions lie in the folders of `path`, or in this environment.
    """
    closure = Closure({}, {}, set())
    extras = set(_distribution(root, path).metadata.get_all("Provides-Extra") or ())
    _follow(closure, Requirement(f"{root}[{','.join(sorted(extras))}]"), True, path)
    del closure.installed[canonicalize_name(root)]
    return closure


def _distribution(name: str, path: Sequence[str] | None) -> metadata.Distribution:
    where = {} if path is None else {"path": list(path)}
    for distribution in metadata.Distribution.discover(name=name, **where):
        return distribution
    raise metadata.PackageNotFoundError(name)


def _follow(closure: Closure, need: Requirement, here: bool, path: Sequence[str] | None) -> None:
    name = canonicalize_name(need.name)
    try:
        distribution = _distribution(need.name, path)
    except metadata.PackageNotFoundError:
        if here:
            raise AssertionError(f"{need} is not installed: uv sync --all-extras") from None
        closure.elsewhere.add(name)
        return
    extras = {"", *need.extras} | closure.extras.get(name, set())
    if closure.extras.get(name) == extras:
        return
    closure.installed[name], closure.extras[name] = distribution, extras
    for text in distribution.requires or ():
        more = Requirement(text)
        if _needed(more, extras, [dict(default_environment())]):
            _follow(closure, more, here, path)
        elif _needed(more, extras, _environments()):
            _follow(closure, more, False, path)


def _needed(need: Requirement, extras: set[str], environments: list[dict[str, str]]) -> bool:
    return need.marker is None or any(
        need.marker.evaluate({**environment, "extra": extra})
        for environment in environments
        for extra in extras
    )


@functools.cache
def _environments() -> list[dict[str, str]]:
    """All systems and Pythons on which somebody may use crossings."""
    return [
        dict(default_environment()) | {
            "platform_system": system, "sys_platform": platform, "os_name": name,
            "python_version": python, "python_full_version": f"{python}.0",
            "platform_machine": machine,
        }
        for system, (platform, name) in SYSTEMS.items()
        for python in PYTHONS
        for machine in ("x86_64", "arm64")
    ]  # fmt: skip


def licence(distribution: metadata.Distribution) -> Row:
    """The licence of a distribution: its expression, its classifiers, its name, its text."""
    data = distribution.metadata
    name = canonicalize_name(data["Name"])
    home = _home(data)
    for one in reviewed()["reviewed"]:
        if one["name"] == name:
            return Row(name, one["licence"], one["read"], home)
    if data.get("License-Expression"):
        return Row(name, data["License-Expression"], "License-Expression", home)
    labels = [
        label.rsplit(" :: ", 1)[-1]
        for label in data.get_all("Classifier") or ()
        if label.startswith("License ::") and label != "License :: OSI Approved"
    ]
    if strange := [label for label in labels if label not in CLASSIFIERS and label not in VAGUE]:
        return Row(name, f"{UNKNOWN} ({strange[0]})", "classifier", home)
    if labels and not set(labels) & VAGUE:
        return Row(name, " AND ".join(sorted({CLASSIFIERS[x] for x in labels})), "classifier", home)
    field = (data.get("License") or "").strip()
    if field.lower() in NAMES:
        return Row(name, NAMES[field.lower()], "License", home)
    for text in (field, *_texts(distribution)):
        if expression := licence_of_text(text):
            return Row(name, expression, "text", home)
    return Row(name, UNKNOWN, "nothing", home)


def licence_of_text(text: str) -> str | None:
    """The licence that a text is, or None."""
    plain = " ".join(text.upper().replace("*", " ").replace(" ,", ",").split())
    plain = plain.replace("LICENSE, VERSION", "LICENSE VERSION")
    at, name = min(
        ((plain.find(phrase), name) for phrase, name in TEXTS if phrase in plain), default=(0, None)
    )
    if name != "BSD":
        return name
    third = "ENDORSE OR PROMOTE" in plain[at : at + BSD_LENGTH]
    return "BSD-3-Clause" if third else "BSD-2-Clause"


def _texts(distribution: metadata.Distribution) -> Iterator[str]:
    for file in distribution.files or ():
        if re.search(r"\.dist-info/.*(LICEN[CS]E|COPYING)", str(file), re.IGNORECASE):
            yield file.read_text(encoding="utf-8")


def _home(data: Any) -> str:
    """The home page; that of an index says nothing that its name does not."""
    links = {}
    for line in data.get_all("Project-URL") or ():
        label, _, link = line.partition(",")
        links[label.strip().lower()] = link.strip()
    homes = [links.get(label, "") for label in HOMES]
    homes += [data.get("Home-page") or "", *links.values()]
    return next((link for link in homes if link and "pypi" not in link), "")


def permitted(row: Row) -> bool:
    """Whether a work may be among what a user gets."""
    allowed = set(reviewed()["permissive"])
    allowed |= {one["licence"] for one in reviewed()["weak"] if row.name in one["works"]}
    return _satisfied(row.licence, allowed)


def _satisfied(expression: str, allowed: set[str]) -> bool:
    inner = re.compile(r"\(([^()]*)\)")
    if inner.search(expression) and UNKNOWN not in expression:
        # a part in brackets stands for a licence that is allowed, or for one that is not
        some, none = next(iter(sorted(allowed))), UNKNOWN
        return _satisfied(
            inner.sub(lambda part: some if _satisfied(part[1], allowed) else none, expression, 1),
            allowed,
        )
    return any(
        all(term.strip() in allowed for term in re.split(r"\s+AND\s+", option))
        for option in re.split(r"\s+OR\s+", expression)
    )


def libraries(closure: Closure) -> Iterator[tuple[str, Row]]:
    """Compiled libraries in the wheels, (file, row)."""
    for distribution in closure.installed.values():
        for file in distribution.files or ():
            if LIBRARIES.search(str(file)) and not file.name.endswith((".py", ".pyc")):
                for one in reviewed()["library"]:
                    if file.name.startswith(one["file"]):
                        yield str(file), Row(one["name"], one["licence"], one["read"])
                        break
                else:
                    yield str(file), Row(file.name, UNKNOWN, "nothing")


def components(closure: Closure) -> Iterator[tuple[str, Row]]:
    """What the distributions' lists of components (CycloneDX) name, (distribution, row)."""
    absent = {(one["distribution"], one["component"]) for one in reviewed()["absent"]}
    for name, distribution in closure.installed.items():
        for file in distribution.files or ():
            if ".dist-info/sboms/" not in str(file):
                continue
            for part in json.loads(file.read_text(encoding="utf-8")).get("components", ()):
                if part.get("scope") == "excluded" or (name, part["name"]) in absent:
                    continue
                said = [
                    one.get("expression") or one["license"].get("id") or one["license"].get("name")
                    for one in part.get("licenses", ())
                ]
                if said:
                    yield name, Row(part["name"], " AND ".join(map(str, said)), str(file))


def scripts(closure: Closure) -> list[tuple[str, Row]]:
    """JavaScript, style sheets and fonts, (distribution, row)."""
    rows: dict[tuple[str, str], Row] = {}
    for name, distribution in closure.installed.items():
        files = [str(file).replace("\\", "/") for file in distribution.files or ()]
        for one in reviewed()["script"]:
            if one["within"] == name and any(one["file"] in file for file in files):
                rows[name, one["name"]] = Row(one["name"], one["licence"], one["read"])
        for file in files:
            where = Path(str(distribution.locate_file(file)))
            if re.search(r"share/solara/cdn/(@[^/]+/)?[^/]+/package\.json$", file):
                data = json.loads(where.read_text(encoding="utf-8"))
                said = data.get("license", UNKNOWN)
                rows.setdefault((name, data["name"]), Row(data["name"], said, "its package.json"))
            if file.endswith("third-party-licenses.json"):
                for part in json.loads(where.read_text(encoding="utf-8"))["packages"]:
                    row = Row(part["name"], part["licenseId"], "third-party-licenses.json")
                    rows.setdefault((name, part["name"]), row)
    return [(name, rows[name, work]) for name, work in sorted(rows)]


def page(closure: Closure) -> str:
    """What `THIRD-PARTY.md` holds; no versions, so that a new patch changes nothing."""
    reviews = reviewed()
    works = {*closure.installed, *(one["name"] for one in reviews["library"])}
    works |= {row.name for _, row in scripts(closure)}
    tables = {
        "## Distributions": (
            ("distribution", "licence", "home page"),
            [(row.name, row.licence, row.home) for row in map(licence, closure.installed.values())],
        ),
        "## On one system only": (
            ("distribution", "system", "licence", "home page"),
            [(x["name"], x["system"], x["licence"], x["home"]) for x in reviews["elsewhere"]],
        ),
        "## Compiled libraries inside these": (
            ("library", "licence", "read in"),
            [(x["name"], x["licence"], x["read"]) for x in reviews["library"]],
        ),
        "## JavaScript, style sheets and fonts inside these": (
            ("work", "inside", "licence", "read in"),
            [(row.name, name, row.licence, row.read) for name, row in scripts(closure)],
        ),
        "## Licences that ask for more than a notice": (
            ("licence", "of", "why it can be passed on"),
            [
                (x["licence"], ", ".join(used), x["reason"])
                for x in reviews["weak"]
                if (used := [work for work in x["works"] if work in works])
            ],
        ),
    }
    return HEAD + "\n".join(f"{title}\n\n{_table(*table)}" for title, table in tables.items())


HEAD = """# Software of others

crossings is under the Apache License 2.0 ([LICENSE](LICENSE)). These are the distributions that its
installation brings, with every extra. Development tools are not among them. None is under the GPL
or the AGPL. The full texts lie in the `.dist-info` folders of an installation.

This page is made from the installed distributions and from `tests/third_party.toml`:

```sh
uv run --all-extras python -m tests.third_party
```

"""


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    ordered = sorted(set(rows), key=lambda row: [cell.lower() for cell in row])
    lines = [head, tuple("---" for _ in head), *ordered]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(page(runtime()), encoding="utf-8")
    print(f"Written to {PAGE}.")
