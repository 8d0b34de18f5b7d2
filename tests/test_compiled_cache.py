"""Compiled code is found again by what it is; a pack of it is used where it fits."""

from __future__ import annotations

import ast
import importlib
import json
import logging
import os
import shutil
import subprocess
import sys
import zipfile
from numbers import Number
from pathlib import Path

import pytest

from simulation import compiled, compiled_cache
from simulation.compiled_cache import (
    COMPILING,
    cache_directory,
    fingerprint,
    install_pack,
    write_pack,
)
from simulation.errors import InputError
from simulation.model.processes.tables import occasion_of
from tests.refusals import refusal, succeeded

PACKAGE = Path(compiled.__file__).parent

#: compiles a function or two; prints how many were loaded, how many compiled, and a result
COMPILE = """
import sys
import numpy
from simulation.model.processes.tables import occasion_of
for kind in sys.argv[1:]:
    result = occasion_of(*map(getattr(numpy, kind), (1, 2, 3)))
stats = occasion_of.stats
print(sum(stats.cache_hits.values()), sum(stats.cache_misses.values()), result)
"""
#: makes every disk full for the process: no file may be larger than the bytes it has
FULL = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
"""


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    """The folder of all compiled code, in place of that of the tests."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(folder))
    return folder


class Compiling:
    """A process that compiles functions of these kinds of integers, or loads them."""

    def __init__(self, *kinds: str, code: str = COMPILE, folder: Path = PACKAGE.parent) -> None:
        command = [sys.executable, "-c", code, *(kinds or ("int16",))]
        self._process = subprocess.Popen(
            command, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def outcome(self) -> tuple[list[int], str]:
        """How many functions it loaded, how many it compiled, and the result; what it logged."""
        stdout, stderr = self._process.communicate()
        assert self._process.returncode == 0, stderr
        return [int(word) for word in stdout.split()], stderr.replace(f"{COMPILING}\n", "")


RESULT = (1 << 24) + (2 << 12) + 3
COMPILED, LOADED = [0, 1, RESULT], [1, 0, RESULT]


# -- where compiled code is -----------------------------------------------------------------------


@pytest.mark.slow
def test_a_copy_with_other_comments_finds_what_another_compiled(cache, tmp_path):
    outcomes = []
    for name in ("one", "other"):
        shutil.copytree(PACKAGE, tmp_path / name / "simulation")
        if outcomes:
            file = tmp_path / name / "simulation" / "model" / "processes" / "tables.py"
            file.write_bytes(b"# a comment\n" + file.read_bytes())
        outcomes.append(Compiling(folder=tmp_path / name).outcome())
    assert outcomes == [(COMPILED, ""), (LOADED, "")]


def test_the_folder_is_another_when_the_code_changes(tmp_path, monkeypatch):
    package = Path(shutil.copytree(PACKAGE, tmp_path / "simulation"))
    monkeypatch.setattr(compiled_cache, "PACKAGE", package)
    files = [
        package / name
        for name in ("chain.py", "compiled.py", "randomness.py", "model/agents/unit.py",
                     "corridor/stages.py", "model/processes/market.py")
    ]  # fmt: skip
    for file in files:
        file.write_bytes(b"# a comment\n" + file.read_bytes())
    prints = [fingerprint(), fingerprint.__wrapped__()]
    assert prints[0] == prints[1]
    for file in files:
        file.write_bytes(b"one = 2\n" + file.read_bytes())
        prints.append(fingerprint.__wrapped__())
        assert prints[-1] != prints[-2], file


def test_every_number_that_compiled_code_can_hold_is_in_the_fingerprint():
    sources = set(compiled_cache._sources())
    for path in sources:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("simulation."):
                module = importlib.import_module(node.module)
                numbers = [one.name for one in node.names
                           if isinstance(getattr(module, one.name, None), Number)]  # fmt: skip
                assert not numbers or Path(module.__file__) in sources, (path.name, numbers)


def test_functions_have_names_of_their_own_and_lie_in_the_fingerprint():
    functions = [one.py_func for one in compiled.KERNELS]
    names = {(one.__module__, one.__qualname__) for one in functions}
    # a module that another test has loaded twice declares its functions twice
    places = {(one.__code__.co_filename, one.__code__.co_firstlineno) for one in functions}
    assert len(names) == len(places)
    assert not any("<" in name for _, name in names)
    assert {Path(one.__code__.co_filename) for one in functions} <= set(compiled_cache._sources())


def test_the_folders_used_last_stay(cache):
    others = [cache / f"{number:016x}" for number in range(12)]
    for age, folder in enumerate(others):
        (folder / "processes").mkdir(parents=True)
        os.utime(folder, (10_000 - age, 10_000 - age))
    (cache / "of another program").mkdir()
    compiled_cache._write(cache_directory() / "a.b-0123456789abcdef.nbc", b"")
    assert {path for path in cache.iterdir() if path.name[0] != "o"} == {
        cache_directory(), *others[:9]
    }  # fmt: skip
    assert (cache / "of another program").is_dir()


def test_a_folder_that_is_read_counts_as_used(cache):
    folder = cache_directory()
    folder.mkdir(parents=True)
    os.utime(folder, (0, 0))
    assert not compiled_cache.is_compiled()
    assert folder.stat().st_mtime > 0


# -- what can be in the way -----------------------------------------------------------------------


@pytest.mark.slow
def test_two_processes_that_compile_at_once_both_save(cache):
    for process in [Compiling("int16"), Compiling("int16", "int32"), Compiling("int32")]:
        assert process.outcome()[0][-1] == RESULT
    assert Compiling("int16", "int32").outcome() == ([2, 0, RESULT], "")


def test_a_damaged_file_is_compiled_anew(cache):
    def loads() -> bool:
        """Whether a new function finds its compiled code."""
        function = compiled.kernel(occasion_of.py_func)
        assert function(1, 2, 3) == RESULT
        return sum(function.stats.cache_hits.values()) == 1

    assert [loads(), loads()] == [False, True]
    (file,) = compiled_cache.compiled_files()
    file.write_bytes(file.read_bytes()[:100])
    assert [loads(), loads()] == [False, True]


@pytest.mark.skipif(os.name == "nt", reason="limits are those of Unix")
@pytest.mark.parametrize("full", [True, False])
def test_compiled_code_that_cannot_be_written_is_said_once(cache, full):
    if not full:
        cache.touch()  # a file where the folder should be
    outcome, logged = Compiling("int16", "int32", code=FULL * full + COMPILE).outcome()
    assert outcome == [0, 2, RESULT]
    assert logged.count("\n") == 1
    assert str(cache_directory()) in logged
    assert "XDG_CACHE_HOME" in logged
    assert not full or list(cache.rglob("*")) == [cache_directory()]  # no part of a file stays


# -- packs ----------------------------------------------------------------------------------------


@pytest.fixture
def pack(cache, tmp_path) -> Path:
    """A pack of two files; the cache is empty again."""
    for name in ("a.b", "a.c"):
        compiled_cache._write(cache_directory() / f"{name}-0123456789abcdef.nbc", name.encode())
    write_pack(tmp_path / "pack.zip")
    shutil.rmtree(cache)
    return tmp_path / "pack.zip"


def change(pack: Path, **entries: bytes) -> None:
    """Replace entries of a pack."""
    with zipfile.ZipFile(pack) as before:
        contents = {name: before.read(name) for name in before.namelist()} | entries
    with zipfile.ZipFile(pack, "w") as after:
        for name, content in contents.items():
            after.writestr(name, content)


def about(pack: Path) -> dict[str, dict[str, str]]:
    with zipfile.ZipFile(pack) as opened:
        return json.loads(opened.read("about.json"))


def test_a_pack_gives_the_files_it_was_made_of(pack, cache):
    assert install_pack(pack) == ""
    assert [file.read_bytes() for file in compiled_cache.compiled_files()] == [b"a.b", b"a.c"]


@pytest.mark.parametrize("name", fingerprint())
def test_a_pack_for_something_else_is_not_installed(pack, cache, name):
    content = about(pack)
    content["for"][name] = "another"
    change(pack, **{"about.json": json.dumps(content).encode()})
    assert install_pack(pack) == f"it is for {name} another, here {fingerprint()[name]}"
    assert not cache.exists()


def list_another(pack: Path) -> None:
    """Let a pack list a file of its own outside of the folder."""
    listed = about(pack)
    listed["sha256"]["../a.c-0123456789abcdef.nbc"] = next(iter(listed["sha256"].values()))
    change(pack, **{"about.json": json.dumps(listed).encode(),
                    "../a.c-0123456789abcdef.nbc": b"a.b"})  # fmt: skip


DAMAGES = {
    "missing": Path.unlink,
    "text": lambda pack: pack.write_text("no pack"),
    "cut": lambda pack: pack.write_bytes(pack.read_bytes()[:-30]),
    "file": lambda pack: change(pack, **{"a.c-0123456789abcdef.nbc": b"something else"}),
    "list": lambda pack: change(pack, **{"about.json": b"[1]"}),
    "outside": list_another,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_pack_is_refused_and_nothing_installed(pack, cache, damage):
    DAMAGES[damage](pack)
    with pytest.raises(InputError, match=r"pack\.zip"):
        install_pack(pack)
    assert not cache.exists()


def test_the_pack_of_a_wheel_fills_a_new_folder(pack, cache, monkeypatch, caplog):
    monkeypatch.setattr(compiled_cache, "_SHIPPED_PACK", pack)
    compiled_cache._open_folder.cache_clear()
    assert compiled_cache.is_compiled()
    shutil.rmtree(cache)
    pack.write_text("damaged")
    compiled_cache._open_folder.cache_clear()
    with caplog.at_level(logging.WARNING, logger="simulation.compiled"):
        assert not compiled_cache.is_compiled()
    assert len(caplog.messages) == 1


# -- the command ----------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_command_writes_a_pack_and_installs_it(crossings, tmp_path, monkeypatch):
    succeeded(crossings("doctor", "--pack", "pack.zip"))
    files = len(compiled_cache.compiled_files())
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))
    used = crossings("doctor", "--from", "pack.zip")
    assert (used.exit_code, used.stderr) == (0, "")
    assert len(compiled_cache.compiled_files()) == files > 50


def test_the_command_ignores_a_pack_for_something_else_in_one_line(crossings, pack, cache):
    content = about(pack)
    content["for"] |= {"processor": "another", "Numba": "0.1"}
    change(pack, **{"about.json": json.dumps(content).encode()})
    done = succeeded(crossings("doctor", "--from", str(pack)))
    (line,) = done.stderr.splitlines()
    assert "processor another" in line


@pytest.mark.parametrize("option", ["--from", "--pack"])
def test_what_the_command_cannot_use_is_refused_in_one_line(crossings, option):
    done = crossings("doctor", option, "nowhere/pack.zip")
    assert done.exit_code == 2
    (line,) = done.stderr.splitlines()
    assert "pack.zip" in line


def test_a_cache_that_cannot_be_written_to_is_refused_in_one_line(crossings, pack, cache):
    cache.touch()
    refusal(crossings("doctor", "--from", str(pack)))


#: prints the functions that shipped scenarios call with other types than what is compiled first
NEW_SIGNATURES = """
from simulation import compiled
from simulation.engine.trials import precompile, precompile_model
from simulation.model.corridor_model import simulate
from simulation.scenario import load_scenario, shipped_scenarios

def signatures():
    return {
        (function.py_func.__name__, str(signature))
        for function in compiled.KERNELS
        for signature in function.overloads
    }

precompile_model()
before = signatures()
for name in shipped_scenarios():
    precompile(simulate, load_scenario(name))
print(len(before) > 50, signatures() - before)
"""


@pytest.mark.full
def test_the_command_compiles_what_every_shipped_scenario_calls():
    done = subprocess.run(
        [sys.executable, "-c", NEW_SIGNATURES],
        cwd=PACKAGE.parent, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.split() == ["True", "set()"]
