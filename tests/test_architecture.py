"""The house keeps its shape: who may import whom, how long a file is, where numbers live."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Set
from functools import cache
from pathlib import Path

import networkx as nx

import simulation
from simulation.parameters import load_parameters
from simulation.scenario.levels import LEVEL_WORDS, Quality

ROOT = Path(simulation.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))
MOST_LINES = 700
#: of a function of a process
MOST_LEVELS, MOST_STATEMENTS = 3, 31
PAGE = (ROOT.parent / "docs" / "architecture.md").read_text(encoding="utf-8")


def arrows() -> dict[str, list[str]]:
    """Package or module -> what it must not import: the table of `docs/architecture.md`."""
    table = PAGE.partition("<!-- arrows -->")[2].partition("<!-- end of arrows -->")[0]
    rows = re.findall(r"^\| `?([\w.]+)`? \| (`.+) \|$", table, re.MULTILINE)
    return {
        "simulation" if room == "everything" else f"simulation.{room}": [
            f"simulation.{banned}" for banned in re.findall(r"`([\w.]+)`", cell)
        ]
        for room, cell in rows
    }


FORBIDDEN = arrows()
#: where a program starts: they alone may import the command line
ENTRIES = (
    "simulation.app", "simulation.commands.app", "simulation.commands.mesa",
    "simulation.commands.serving", "simulation.entrypoint", "simulation.__main__",
)  # fmt: skip


def module_name(path: Path) -> str:
    parts = ["simulation", *path.relative_to(ROOT).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in FILES}
SOURCE = {path: path.read_text(encoding="utf-8") for path in FILES}
PROCESSES = [path for path in FILES if path.parent.name == "processes"]


@cache
def parsed(text: str) -> ast.Module:
    """The tree of a file."""
    return ast.parse(text)


@cache
def nodes(text: str) -> tuple[ast.AST, ...]:
    """Everything in a file."""
    return tuple(ast.walk(parsed(text)))


@cache
def imports(path: Path) -> frozenset[str]:
    """Every module imported anywhere in a file, inside functions and for types alike."""
    imported = set()
    for node in nodes(SOURCE[path]):
        if isinstance(node, ast.Import):
            imported |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            imported.add(node.module)
            imported |= {f"{node.module}.{name.name}" for name in node.names}
    return frozenset(imported)


def needed(path: Path) -> frozenset[str]:
    """Every module that a file imports when it is imported or run: not those for types alone."""
    imported = set()
    waiting: list[ast.AST] = [parsed(SOURCE[path])]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
            waiting += node.orelse
            continue
        waiting += ast.iter_child_nodes(node)
        if isinstance(node, ast.Import):
            imported |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            modules = {f"{node.module}.{name.name}" for name in node.names} & MODULES.keys()
            imported |= modules or {str(node.module)}
    return frozenset(imported & MODULES.keys())


def circles(graph: Mapping[str, Set[str]]) -> list[set[str]]:
    """The largest groups of modules in which each needs every other, directly or not."""
    needs = nx.DiGraph((module, other) for module, others in graph.items() for other in others)
    groups = map(set, nx.strongly_connected_components(needs))
    return [group for group in groups if needs.subgraph(group).edges]


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


#: module in the room of a study -> the room whose arrows hold it
PARTS = {"findings": "studies", "words": "wording", "page": "report", "command": "commands"}


def stands_as(name: str) -> str:
    """A name, or for one in the room of a study what it would be without such rooms."""
    match name.split("."):
        case ["simulation", "studies", study, part, *rest] if part in PARTS:
            return ".".join(["simulation", PARTS[part], study, *rest])
    return name


def trespasses(module: str, imported: set[str]) -> list[str]:
    """Which imports of a module go against the arrows."""
    wrong, module = [], stands_as(module)
    for package, banned in FORBIDDEN.items():
        starts = any(within(module, entry) for entry in ENTRIES)
        if not within(module, package) or (package == "simulation" and starts):
            continue
        wrong += [
            name
            for name in sorted(map(stands_as, imported))
            for target in banned
            if within(name, target) and not within(module, target)
        ]
    return wrong


def test_imports_follow_the_arrows():
    breaches = {module: trespasses(module, imports(path)) for module, path in MODULES.items()}
    assert {module: wrong for module, wrong in breaches.items() if wrong} == {}


def test_no_module_imports_itself_through_others():
    """Imports inside functions count, for they hide a circle and do not open it.

    Those for types alone do not count: they are never run, and a lever may name in its types the
    scenario that holds it.
    """
    assert circles({module: needed(path) for module, path in MODULES.items()}) == []


def room_of(module: str) -> str:
    """The room of a module: that of its study, or the first part of its name."""
    parts = module.split(".")
    of_study = parts[1:2] == ["studies"] and (ROOT / "/".join(parts[1:3])).is_dir()
    return ".".join(parts[: 3 if of_study else 2])


def test_no_room_imports_itself_through_others():
    """Imports for types alone count, too."""
    rooms: dict[str, set[str]] = {}
    for module, path in MODULES.items():
        others = {room_of(name) for name in imports(path) if name.startswith("simulation.")}
        rooms.setdefault(room_of(module), set()).update(others - {room_of(module)})
    assert circles(rooms) == []


def test_files_are_short():
    lines = {str(path): len(text.splitlines()) for path, text in SOURCE.items()}
    long = {path: number for path, number in lines.items() if number > MOST_LINES}
    assert long == {}, f"split the file: one subject, at most {MOST_LINES} lines"


def users_of(package: str) -> set[str]:
    """Modules that import anything of a package."""
    return {
        module
        for module, path in MODULES.items()
        if any(within(name, package) for name in imports(path))
    }


def test_only_commands_functions_and_pages_ask_for_a_validation():
    validation = "simulation.validation"
    outside = {name for name in users_of(validation) if not within(name, validation)}
    assert outside
    rooms = ("simulation.api", "simulation.commands", "simulation.report")
    assert all(any(within(name, room) for room in rooms) for name in outside), outside


def test_the_functions_for_python_are_asked_for_by_nothing_but_the_top_of_the_package():
    outside = {name for name in users_of("simulation.api") if not within(name, "simulation.api")}
    assert outside == {"simulation"}


# -- numbers --------------------------------------------------------------------------------------


def stand_ins(tree: ast.AST, groups: set[str]) -> dict[str, set[str]]:
    """Names that stand for a group of parameters in a file: `market = parameters.market`."""
    aliases: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Assign):
            continue
        pairs = [(target, node.value) for target in node.targets]
        for target, value in list(pairs):
            if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                pairs += zip(target.elts, value.elts, strict=True)
        for target, value in pairs:
            if (
                isinstance(target, ast.Name)
                and isinstance(value, ast.Attribute)
                and value.attr in groups
            ):
                aliases.setdefault(target.id, set()).add(value.attr)
    return aliases


def parameters_read(text: str, groups: set[str]) -> set[str]:
    """Every `group.name` that a file reads, by the group or by what stands for it."""
    aliases = stand_ins(parsed(text), groups)
    read = set()
    for node in nodes(text):
        if not isinstance(node, ast.Attribute):
            continue
        owner = node.value
        if isinstance(owner, ast.Attribute) and owner.attr in groups:
            read.add(f"{owner.attr}.{node.attr}")
        elif isinstance(owner, ast.Name):
            of = aliases.get(owner.id, set()) | ({owner.id} & groups)
            read |= {f"{group}.{node.attr}" for group in of}
    return read


def test_every_parameter_is_read():
    """A record that nothing reads drives nothing, whatever it says."""
    records = load_parameters().records()
    groups = {record.group for record in records}
    read = set().union(*(parameters_read(text, groups) for text in SOURCE.values()))
    # each level of sharing has a record of each quality
    read |= {f"sharing.{word}_{name}" for word in LEVEL_WORDS for name in Quality._fields}
    # one that has a record a year is asked for by what comes before the year
    strings = {node.value for text in SOURCE.values() for node in nodes(text)
               if isinstance(node, ast.Constant)}  # fmt: skip
    yearly = {r.name for r in records if re.sub(r"_\d{4}$", "", r.name) in strings - {r.name}}
    assert [record.name for record in records if record.name not in read | yearly] == []


#: numbers that are no assumptions: nothing, one, halves, bounds of exponents and divisors
PLAIN = {0.0, 1.0, 2.0, 0.5, 7.0, 12.0}
#: floats with a meaning of their own, each with the place it stands in
CONSTANTS = {
    ("route_choice.py", 1.7320508075688772): "square root of 3: sd of a uniform draw becomes 1",
    ("conditions.py", 365.25): "days of a year",
    ("collection.py", 365.25): "days of a year",
}


def literals(path: Path) -> list[tuple[int, float]]:
    """Floats in a file that are neither plain, nor tiny guards, nor bounds of an exponent."""
    floats = []
    for node in nodes(SOURCE[path]):
        if not (isinstance(node, ast.Constant) and isinstance(node.value, float)):
            continue
        value = node.value
        guard = 0 < value <= 1e-6
        bound = value in (30.0, 50.0)
        if value in PLAIN or guard or bound or (path.name, value) in CONSTANTS:
            continue
        floats.append((node.lineno, value))
    return floats


def test_no_number_stands_in_for_a_parameter():
    floats = {path.name: literals(path) for path in PROCESSES}
    assert {name: numbers for name, numbers in floats.items() if numbers} == {}


#: whole numbers with a meaning of their own, each with the file it stands in
WHOLE_CONSTANTS = {
    ("building.py", 12): "rounds in which people and patrols settle before the first day",
    ("route_choice.py", 500): "most rounds in which the values of the way ahead settle",
    ("contracts.py", 512): "room for a leg in the key of a draw",
    ("entries.py", 365): "days of a year",
    ("entries.py", 48): "bit of an identifier where the route stands",
    ("launching.py", 52): "bits of a draw that order a queue",
    ("launching.py", 4095): "days in a queue that the bits left over tell apart",
    ("launching.py", 64): "room for a launch of a day in the key of a draw",
    ("operators.py", 1024): "room for a newcomer of a day in the key of a draw",
    ("movement.py", 4095): "most tries, detours and days in vain for which a key has room",
    ("movement.py", 512): "room for a leg in the key of a draw",
    ("route_choice.py", 512): "room for a leg in the key of a draw",
    ("route_choice.py", 3): "the fourth of the codes for what keeps a person off a leg",
    ("world.py", 8): "room for a class of evidence in a key",
    ("allocation.py", 8): "numbers summed side by side, as NumPy does",
    ("allocation.py", 128): "numbers that NumPy sums without halving them",
    ("collection.py", 3): "columns by which facts are sorted",
    ("collection.py", 4): "gaps of a Shell sort",
    ("collection.py", 9): "gaps of a Shell sort",
}
#: functions whose first argument, or all of them, is a shape
SHAPED = {"empty", "full", "ones", "zeros", "reshape"}


def excused(tree: ast.AST) -> set[ast.AST]:
    """Whole numbers that are no quantity: columns, shapes, widths in bits, keys of a table."""
    exempt: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript):
            exempt |= set(ast.walk(node.slice))
        elif isinstance(node, ast.BinOp) and isinstance(node.op, (ast.LShift, ast.RShift)):
            exempt |= set(ast.walk(node.right))
        elif isinstance(node, ast.Dict):
            exempt |= set(node.keys) - {None}
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") in SHAPED:
            shape = node.args if node.func.attr == "reshape" else node.args[:1]
            for part in shape:
                exempt |= {part, *(part.elts if isinstance(part, ast.Tuple) else ())}
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "with_room":
            exempt |= {part for shape in node.keywords for part in ast.walk(shape.value)}
    return exempt


def whole_numbers(text: str) -> list[tuple[int, int]]:
    """Whole numbers in a text other than -1, 0, 1 and 2 and the days of a week, with their line."""
    passed = excused(parsed(text))
    return [
        (node.lineno, node.value)
        for node in nodes(text)
        if isinstance(node, ast.Constant)
        and type(node.value) is int
        and node.value not in (0, 1, 2, 7)
        and node not in passed
    ]


def test_no_whole_number_stands_in_for_a_parameter():
    whole = {(path.name, n): line for path in PROCESSES for line, n in whole_numbers(SOURCE[path])}
    assert {key: line for key, line in whole.items() if key not in WHOLE_CONSTANTS} == {}
    assert set(WHOLE_CONSTANTS) <= set(whole)


# -- the page for engineers names what there is ----------------------------------------------------


def room(name: str) -> str:
    return "everything" if name == "simulation" else name.removeprefix("simulation.")


def test_who_may_break_the_last_of_them_is_told():
    sentence = re.search(r"Only where a program starts .+?\. ", PAGE, re.DOTALL)
    assert sentence
    named = set(re.findall(r"`([\w/.]+)`", sentence[0]))
    files = {room(entry).replace(".", "/") for entry in ENTRIES}
    assert {name.removesuffix(".py") for name in named} == files


def test_every_room_is_in_the_picture():
    picture = PAGE.partition("## The rooms")[2].partition("```text")[2].partition("```")[0]
    rooms = {path.name for path in ROOT.iterdir() if (path / "__init__.py").exists()}
    rooms |= {room(name).rpartition(".")[2] for name in FORBIDDEN} - {"everything"}
    assert rooms - set(re.findall(r"[a-z_]+", picture)) == set()
