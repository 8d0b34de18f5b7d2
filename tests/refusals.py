"""How a command ended: well, or with one line on stderr, exit code 2, and nothing written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from click.testing import Result


def succeeded(result: Result) -> Result:
    """What a command ended with, which must be well."""
    assert result.exit_code == 0, result.output
    return result


def refusal(result: Result, *words: str) -> str:
    """The line with which a command ended for a mistake; it must hold these words."""
    assert (result.exit_code, result.stdout) == (2, ""), result.output
    (line,) = result.stderr.splitlines()
    for word in words:
        assert word in line, line
    return line


@contextmanager
def nothing_written(folder: Path) -> Iterator[None]:
    """Within it no file or folder comes or goes below a folder."""
    before = sorted(folder.rglob("*"))
    yield
    assert sorted(folder.rglob("*")) == before
