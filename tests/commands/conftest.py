from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from click.testing import Result

from simulation.engine.options import Options
from simulation.studies.study import Study


class Asked(NamedTuple):
    """What a command ended with, the study that it asked for, and the folder of its results."""

    done: Result
    folder: Path
    study: Study[Any]
    options: Options
    how: dict[str, Any]


@pytest.fixture
def asked(
    crossings: Callable[..., Result], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., Asked]:
    """A command that asks for a study, where none is conducted; the results lie in `made`.

    Another exit code than 0 is that of the findings.
    """

    def ask(name: str, *words: str, exit_code: int = 0) -> Asked:
        folder, seen = tmp_path / "made", []

        def conduct(study: Study[Any], options: Options, **how: Any) -> SimpleNamespace:
            seen.append((study, options, how))
            findings = SimpleNamespace(exit_code=exit_code)
            return SimpleNamespace(folder=folder, findings=findings)

        command = importlib.import_module(f"simulation.commands.{name}")
        monkeypatch.setattr(command, "conduct_study", conduct)
        done = crossings(name, *words)
        assert done.exit_code == exit_code, done.output
        assert len(seen) == 1
        return Asked(done, folder, *seen[0])

    return ask
