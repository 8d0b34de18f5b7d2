"""Names say what a thing holds: `effects` or `rows`, never `found` or `kept`.

Those in `simulation/`, in tests and benchmarks, and in what a user reads: Python on pages, in
notebooks and in examples. Names of tests are sentences.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator

from tests.docs.blocks import ROOT, all_blocks

#: words that say nothing about what a name holds, alone or as a part of it
EMPTY_WORDS = frozenset({"found", "made", "known", "there", "kept", "told"})
#: name -> files where it may stand, as it is a name of a record, of a file's key or of Python
EXCEPTIONS = {
    # records `border.found_share`, `channel.found_share` and `channel.found_at_sea`
    "found_share": r"model/processes/(channel|launching)|scenario/levers/borders",
    "found_at_sea": r"model/processes/(channel|launching)",
    # keys of a line of the ledger, of a manifest, and of a limit in the summary of a discovery
    "made": r"answers/|(api|report)/answers",
    "made_again": r"engine/|api/asking|commands/experiment",
    "kept": r"statistics/boxes|(studies|report|wording)/discovery",
    "FileNotFoundError": "",
    "ModuleNotFoundError": "",
    "PackageNotFoundError": "",
}
_PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")


def names(code: str) -> Iterator[tuple[int, str]]:
    """Line and name of every variable, parameter, attribute, function and class in some code."""
    for node in ast.walk(ast.parse(code)):
        match node:
            case (
                ast.Name(id=name)
                | ast.Attribute(attr=name)
                | ast.FunctionDef(name=name)
                | ast.AsyncFunctionDef(name=name)
                | ast.ClassDef(name=name)
                | ast.arg(arg=name)
                | ast.keyword(arg=str(name))
                | ast.alias(asname=str(name))
                | ast.ExceptHandler(name=str(name))
                | ast.MatchAs(name=str(name))
                | ast.MatchStar(name=str(name))
            ):
                yield node.lineno, name


def empty_names(code: str) -> list[tuple[int, str]]:
    """The names with an empty word, exceptions included."""
    return [
        (line, name)
        for line, name in names(code)
        if EMPTY_WORDS.intersection(part.lower() for part in _PART.findall(name))
    ]


def test_names_say_what_they_hold_and_each_exception_is_needed():
    unneeded, wrong = set(EXCEPTIONS), []
    for path in sorted((ROOT / "simulation").rglob("*.py")):
        file = path.relative_to(ROOT / "simulation").as_posix()
        for line, name in empty_names(path.read_text(encoding="utf-8")):
            if name in EXCEPTIONS and re.match(EXCEPTIONS[name], file):
                unneeded.discard(name)
            else:
                wrong.append(f"simulation/{file}:{line}: {name}")
    assert not wrong, "\n".join(wrong)
    assert not unneeded


def shown() -> Iterator[tuple[str, str]]:
    """Python that a user reads: where it stands, and its code."""
    for block in all_blocks():
        if block.language == "python":
            yield block.where, block.body
    for path in sorted(path for at in ("docs", "examples") for path in (ROOT / at).iterdir()):
        if path.suffix == ".py":
            yield path.name, path.read_text(encoding="utf-8")
        elif path.suffix == ".ipynb":
            for number, cell in enumerate(json.loads(path.read_text(encoding="utf-8"))["cells"]):
                if cell["cell_type"] == "code":
                    yield f"{path.name}, cell {number}", "".join(cell["source"])


def test_names_that_a_user_reads_say_what_they_hold():
    assert [f"{where}: {name}" for where, code in shown() for _, name in empty_names(code)] == []


def test_names_in_tests_say_what_they_hold():
    names = [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for folder in ("tests", "benchmarks")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for line, name in empty_names(path.read_text(encoding="utf-8"))
        if not name.startswith("test_") and name not in EXCEPTIONS
    ]
    assert not names, "\n".join(names)
