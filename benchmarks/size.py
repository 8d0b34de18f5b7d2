"""How large the project is: statements by room without imports and docstrings, files, and words."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
#: room -> folders of the package; the files beside them are the last room's
ROOMS = {
    "model": ("model",),
    "scenario": ("scenario",),
    "app": ("app",),
    "report, wording, answers": ("report", "wording", "answers"),
    "studies, estimates, fitting, validation, timeseries": (
        "studies", "estimates", "fitting", "validation", "timeseries",
    ),
    "engine, crates, doctor": ("engine", "crates", "doctor"),
    "data, corridor, parameters, statistics": ("data", "corridor", "parameters", "statistics"),
    "commands, api": ("commands", "api", "crossings_alias", ""),
}  # fmt: skip
#: what commands write into pages: parts between two marks, and tables of keys
GENERATED = re.compile(
    r"(?s)<!-- begin: ([\w-]+) -->.*?<!-- end: \1 -->|<!-- keys: [^\n]*-->\n\n(?:\|[^\n]*\n)+"
)


def statements(file: Path) -> int:
    """Statements of a file without imports and docstrings."""
    texts = (ast.Import, ast.ImportFrom)
    return sum(
        isinstance(node, ast.stmt)
        and not isinstance(node, texts)
        and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    )


def main() -> None:
    """Print the size of each room, of all of them, of the tests and of the pages."""
    package = ROOT / "simulation"
    files = sorted(package.rglob("*.py"))
    rooms = {folder: room for room, folders in ROOMS.items() for folder in folders}
    sizes: dict[str, list[int]] = {room: [] for room in ROOMS}
    for file in files:
        folder = file.relative_to(package).parts[0]
        sizes[rooms[folder if (package / folder).is_dir() else ""]].append(statements(file))
    rows = [*sizes.items(), ("all", [one for room in sizes.values() for one in room])]
    rows.append(("tests", [statements(file) for file in sorted((ROOT / "tests").rglob("*.py"))]))
    for room, of_room in rows:
        print(f"{room:55} {sum(of_room):7,} statements {len(of_room):5,} files")
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    words = sum(len(_by_hand(page.read_text(encoding="utf-8")).split()) for page in pages)
    print(
        f"{'README and docs, without generated tables':55}"
        f" {words:7,} words      {len(pages):5,} files"
    )


def _by_hand(page: str) -> str:
    """A page without the tables that commands write; the sentences of such parts count."""
    return GENERATED.sub(lambda part: re.sub(r"(?m)^\|.*$", "", part[0]), page)


if __name__ == "__main__":
    main()
