"""The fenced blocks of the pages, and what each of them is.

```toml scenario [FILE]     a whole scenario file; where FILE is named, commands below use it
```toml part                a part of one that extends the baseline
```csv FILE                 a file that commands below use
```sh                       commands, one a line, run from top to bottom
```python                   code, run from top to bottom, with what blocks above have defined
```text                     a sketch: nothing to run
```math                     an equation in LaTeX: nothing to run
```text output              what the command above prints: its words are looked for
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^(?P<in> *)```(\S*) ?(.*?)\n(.*?)^(?P=in)```$", re.MULTILINE | re.DOTALL)
#: language -> the kinds it may have; a name of a file may follow where `True`
KINDS: dict[str, dict[str, bool]] = {
    "toml": {"scenario": True, "part": False},
    "csv": {"": True},
    "sh": {"": False},
    "python": {"": False},
    "text": {"": False, "output": False},
    "math": {"": False},
}


class Block(NamedTuple):
    """A fenced block: its page, the line of its fence, its language, its kind and its text.

    `file` is the name under which it is kept for the commands of its page, if any.
    """

    page: str
    line: int
    language: str
    kind: str
    file: str
    body: str

    @property
    def where(self) -> str:
        return f"{self.page}:{self.line}"


def blocks_of(text: str, page: str) -> list[Block]:
    """Every fenced block of a page, in order."""
    blocks = []
    for match in FENCE.finditer(text):
        indent, language, info, body = match.groups()
        words = info.split()
        file = words.pop() if words and "." in words[-1] else ""
        line = text.count("\n", 0, match.start()) + 1
        body = re.sub(rf"^{indent}", "", body, flags=re.MULTILINE)
        blocks.append(Block(page, line, language, " ".join(words), file, body))
    return blocks


def all_blocks() -> list[Block]:
    return [
        block for page in PAGES for block in blocks_of(page.read_text(encoding="utf-8"), page.name)
    ]


def commands(body: str) -> list[str]:
    """The commands of a shell block; those joined with && are apart, comments are gone."""
    lines = re.sub(r"\\\n\s*", "", body).splitlines()
    chains = [shlex.join(shlex.split(line, comments=True)) for line in lines]
    return [part.strip() for line in chains if line for part in line.split(" '&&' ")]
