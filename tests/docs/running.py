"""Running what the pages tell a reader to type, cut down so that it ends soon.

Every command is read by the command line as it stands on the page, option for option. What is then
run differs in three ways, all of them here: options of `CUTS` are appended (of an option given
twice the last holds), the shipped scenarios have a warm-up of `WARM_UP` days, and words of
`STANDS_FOR` stand for something.
"""

from __future__ import annotations

import re
import shlex
import shutil
import tomllib
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from simulation.cli import cli
from simulation.estimates.library import BASES, load_library
from simulation.scenario import shipped
from tests.docs.blocks import ROOT, Block, commands

SHIPPED = shipped.shipped_folder
WARM_UP = 2
SMALL = ["--scale", "0.02", "--days", "3", "--workers", "1"]
#: command -> options appended to it
CUTS: dict[str, list[str]] = {
    "run": [*SMALL, "--replications", "2"],
    "compare": [*SMALL, "--replications", "3"],
    "sweep": [*SMALL, "--replications", "2"],
    "agreements": [
        *SMALL, "--replications", "2", "--refine", "2", "--refine-replications", "2",
        "--among", "UK,FR,BE", "--by", "mapped_share",
        "--assumptions", "records",
    ],
    "sensitivity": [
        *SMALL, "--trajectories", "2", "--samples", "8", "--survivors", "1", "--noise", "3",
        "--only", "sea.persistence",
    ],
    "discover": [*SMALL, "--samples", "20", "--noise", "3", "--only", "sea.persistence"],
    "backtest": [
        "--scale", "0.02", "--workers", "1", "--members", "1", "--replications", "3",
    ],
    "fit": ["--scale", "0.02", "--workers", "2", "--budget", "50"],
    "monitor": ["--scale", "0.02", "--workers", "1", "--members", "2", "--replications", "1"],
}  # fmt: skip
#: command -> options appended unless the page names the first of them
UNLESS_NAMED = {"fit": ["--to", "2023-12"], "monitor": ["--to", "2025-02"]}
#: command -> what it may end with: an answer other than that all is well is no failure
ANSWERS = {"monitor": {0, 3, 4}}
#: command -> first day of the past in it, where the years before would take too long
PAST = {"backtest": "2022-12-01", "fit": "2023-11-01", "monitor": "2024-12-01"}
#: page -> shipped scenario, its first day, and options, where an effect is shown or needed
LONGER = {
    "first-what-if.md": ("outlook", "2026-12-22", ["--days", "150", "--scale", "0.1"]),
    "agreements.md": ("baseline", "2023-06-21", ["--days", "120", "--scale", "0.05"]),
}
#: commands that are run with the shipped scenarios as they are, and why
AS_THEY_ARE = {"doctor": "holds a run against pinned numbers"}
#: columns of a terminal on which no row of a table is broken
WIDE = "160"
#: a word of a command -> what is taken for it
STANDS_FOR = {
    "FILE": "my-question.toml", "FILE.csv": "own.csv", "BASELINE": "baseline",
    "SCENARIO": "full-sharing",
}  # fmt: skip
#: what lies in the folder before anything is typed
FILES = {
    "my-question.toml": 'title = "A question"\nextends = "baseline"\n'
    'sharing_default = { level = "high" }\n',
    "own.csv": "month,channel_arrivals\n2023-11,1600\n2023-12,900\n",
}
#: options of an encrypted cluster, each with a file
TLS = ("--tls-ca", "--tls-cert", "--tls-key")
#: commands that make certificates
CERTIFICATES = [
    line
    for line in (ROOT / "docs" / "cluster.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("openssl ")
]
#: what cannot be run here -> why; each is read all the same, see `read`
NOT_RUN = {
    "uv run python -m simulation.corridor.build_futures --document docs/futures.md": (
        "takes minutes; tests/corridor/test_futures.py tries its parts"
    ),
    "uv run --extra viz solara run examples/mesa_viz.py --production --no-check-version": (
        "tests/model/mesa_adapter/test_viewer.py runs it"
    ),
    "pip install uv": "installs a program on the machine",
    "uv run --extra cluster --with dask-jobqueue python examples/on_slurm.py --jobs 4 --cores 16 "
    "compare outlook outlook-full-sharing --scale 1 --replications 200": (
        "needs SLURM; tests/engine/test_slurm.py runs it with stand-ins"
    ),
    "uv sync --extra cluster": "installs packages from an index",
    "uv sync --extra app": "installs packages from an index",
    **dict.fromkeys(CERTIFICATES, "tests/engine/test_dask_tls.py runs it"),
    "pip install './crossings-0.1.0-py3-none-any.whl[app,cluster]'": "tests/test_wheel.py runs it",
    "pip install -c constraints.txt .": "tests/test_wheel.py runs it",
    "CROSSINGS_PACK=compiled.zip uv build --wheel": "tests/test_wheel.py runs it",
    "pip install ./crossings-0.1.0-py3-none-any.whl": "tests/test_wheel.py runs it",
    "export 'UV_PROJECT_ENVIRONMENT=$HOME/crossings-environment'": "tests/test_checkout.py does it",
    "uv run --project /opt/crossings crossings run baseline": "tests/test_checkout.py does it",
    "uv run python -m simulation.scenario.levers.pages docs": "tests/docs/test_examples.py runs it",
    ".ci/run": "runs this test; tests/test_readme.py runs it with stand-ins for what it calls",
    ".ci/full": "takes longest; tests/test_readme.py runs it with stand-ins for what it calls",
    "uv run --group dev python benchmarks/app.py --visits 40": "measures for minutes",
    "uv run --group dev python benchmarks/bad_input.py": "tests/trust tries a part of it",
    "uv run --group dev python benchmarks/faults.py": "takes minutes; `.ci/full` runs it",
    "uv run python benchmarks/pins.py": "writes files of the project",
    "uv run python -m simulation.doctor.pin": "writes a file of the package",
    "uv run --group docs sphinx-build -W docs build/site": "tests/docs/test_site.py runs it",
}
#: commands of ours that never end by themselves
SERVERS = {
    "app": "serves pages until it is stopped; tests/app starts it",
    "mesa": "serves pages until it is stopped; tests/model/mesa_adapter/test_viewer.py starts it",
    "dask scheduler": "serves until it is stopped; a scheduler of our own runs instead",
    "dask worker": "serves until it is stopped; workers of our own run instead",
}


def without_group(words: Sequence[str]) -> list[str]:
    """The words of `uv run` without the group or extra, which must be one of the project."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = {
        "--group": project["dependency-groups"],
        "--extra": project["project"]["optional-dependencies"],
    }
    if len(words) < 4 or words[2] not in groups:
        return list(words)
    assert words[3] in groups[words[2]], words
    return [*words[:2], *words[4:]]


def ours(command: str) -> list[str] | None:
    """The words after `crossings`, or nothing if it is another program."""
    words = shlex.split(command)
    if words[:2] == ["uv", "run"]:
        words = without_group(words)[2:]
    return words[1:] if words[0] == "crossings" else None


def leaf(words: Sequence[str], group: click.Command = cli) -> tuple[click.Command, list[str]]:
    """The command at the end of a chain of groups, and what is left of the words."""
    rest = list(words)
    while isinstance(group, click.Group) and rest and not rest[0].startswith("-"):
        name = rest.pop(0)
        command = group.get_command(click.Context(group), name)
        assert command is not None, f"no such command: {name}"
        group = command
    return group, rest


def read(command: str) -> None:
    """Have a command read by the program it calls, without running it.

    Raises:
        click.UsageError: Its options are not those of the program.
        AssertionError: It is neither a command of ours nor one that the tables above name.
    """
    words = ours(command)
    if words is not None:
        target, rest = leaf(words)
        if rest not in (["--help"], ["--version"]):
            target.make_context(target.name or "", rest)
        return
    words = shlex.split(command)
    if words[:1] == ["dask"]:
        from dask.cli import cli as dask
        from distributed.cli import dask_scheduler, dask_worker

        dask.add_command(dask_scheduler.main, "scheduler")
        dask.add_command(dask_worker.main, "worker")
        assert " ".join(words[:2]) in SERVERS, command
        target, rest = leaf(words[1:], dask)
        # it wants the files that it is given to be there
        rest = [__file__ if word.endswith(".pem") else word for word in rest]
        target.make_context(words[1], rest)
        return
    if words[:2] == ["uv", "run"]:
        words = without_group(words)
    if words[:3] == ["uv", "run", "pytest"]:
        # tests are not run from within tests, but must be there
        assert all((ROOT / word).exists() for word in words[3:] if "/" in word), command
        return
    assert command in NOT_RUN, f"a command that no table knows: {command}"
    if words[:4] == ["uv", "run", "python", "-m"]:
        assert find_spec(words[4]) is not None, command
    elif words[:3] == ["uv", "run", "python"]:
        assert (ROOT / words[3]).is_file(), command


def prepare(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a folder like that of the project, to type commands in."""
    from simulation.fitting import provenance

    shutil.copytree(ROOT / "scenarios", folder / "scenarios")
    shutil.copytree(ROOT / "docs", folder / "docs")
    for path in (folder / "scenarios").glob("*.toml"):
        text = path.read_text(encoding="utf-8")
        path.write_text(
            re.sub(r"warm_up_days = \d+", f"warm_up_days = {WARM_UP}", text), encoding="utf-8"
        )
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    # a process keeps the library and its hash: of the scenarios as they are shipped
    assert all(load_library(base).hash for base in BASES)
    monkeypatch.chdir(folder)
    monkeypatch.setattr(shipped, "shipped_folder", lambda: folder / "scenarios")
    # a fit that is installed is installed here, not in the package
    monkeypatch.setattr(provenance.install, "__defaults__", (folder / "installed",))


def begin_later(folder: Path, scenario: str, first: str) -> None:
    """Let a shipped scenario begin on another day: one that extends it takes its name."""
    path = folder / "scenarios" / f"{scenario}.toml"
    whole = path.with_stem(f"{scenario}-whole")
    if whole.exists():
        return
    title = tomllib.loads(path.read_text(encoding="utf-8"))["title"]
    path.rename(whole)
    path.write_text(
        f'title = "{title}"\nextends = "{whole.stem}"\nrun = {{ start = {first} }}\n',
        encoding="utf-8",
    )


def cut(
    words: Sequence[str], folder: Path, scheduler: str | None = None, more: Sequence[str] = ()
) -> list[str]:
    """The command that is run in place of the one on the page."""
    command = [STANDS_FOR.get(word, word) for word in words]
    for place, word in enumerate(command):
        if word.startswith("results/") and not (folder / word).exists():
            parts = word.split("/")
            parts[2] = "*"  # the id of a run is another where less is run
            paths = sorted(folder.glob("/".join(parts)))
            assert paths, f"nothing above makes {word}"
            command[place] = str(paths[-1].relative_to(folder))
    extra = list(CUTS.get(words[0], []))
    named = UNLESS_NAMED.get(words[0], [])
    extra += [] if set(named[:1]) & set(words) else named
    if "--help" in words:
        extra = []
    if words[0] == "agreements" and not {"--all", "--among"} & set(words):
        place = extra.index("--among")
        del extra[place : place + 2]
        command += ["baseline"] if len(words) == 1 else []  # the days of its own are years
    if words[0] == "run" and "--replications" not in words:
        extra = extra[:-2]
    if "--scheduler" in words:
        assert scheduler is not None
        command[command.index("--scheduler") + 1] = scheduler
        for option in TLS:  # the cluster here is not encrypted; test_dask_tls.py runs one that is
            if option in command:
                del command[command.index(option) : command.index(option) + 2]
        place = extra.index("--workers")
        del extra[place : place + 2]
    return [*command, *extra, *(more if "--days" in extra else ())]


def run_page(blocks: Sequence[Block], folder: Path, scheduler: str | None = None) -> list[str]:
    """Do all that the blocks of a page say, in order, in a folder as `prepare` made it.

    Commands that name a Dask scheduler get `scheduler`. Returns what was run.
    """
    done: list[str] = []
    names: dict[str, object] = {"__name__": "page"}
    printed = ""
    more: list[str] = []
    if blocks and blocks[0].page in LONGER:
        scenario, first, more = LONGER[blocks[0].page]
        begin_later(folder, scenario, first)
    for block in blocks:
        if block.file:
            (folder / block.file).write_text(block.body, encoding="utf-8")
        if block.language == "python":
            exec(compile(block.body, block.where, "exec"), names)
            done.append(block.where)
        elif block.kind == "output":
            look_for(block, printed)
        elif block.language == "sh":
            for command in commands(block.body):
                words = ours(command)
                if words is None or words[0] in SERVERS:
                    continue
                if words[:2] == ["scenario", "new"]:
                    (folder / f"{words[2]}.toml").unlink(missing_ok=True)  # one of FILES
                if words[0] in PAST and "--from" not in words:
                    begin_later(folder, "history", PAST[words[0]])
                typed = cut(words, folder, scheduler, more)
                with pytest.MonkeyPatch.context() as patch:
                    if words[0] in AS_THEY_ARE:
                        patch.setattr(shipped, "shipped_folder", SHIPPED)
                    result = CliRunner(env={"COLUMNS": WIDE}).invoke(cli, typed)
                printed = result.output
                problem = f"{block.where}: {command}\n{printed}\n{result.exception!r}"
                # so small a fit is never put beside the others
                refused = (
                    "--install" in words and "fails its gate" in printed and result.exit_code == 2
                )
                assert refused or result.exit_code in ANSWERS.get(words[0], {0}), problem
                done.append(command)
    return done


def labels(body: str) -> list[str]:
    """The words with which the lines of an output begin, to the first figure."""
    begun = (
        re.split(r"[-+]?\d|…|\.\.\.|  ", line.strip(), maxsplit=1) for line in body.splitlines()
    )
    beginnings = [" ".join(parts[0].split()) for parts in begun]
    return [words for words in beginnings if len(words) > 3]


def look_for(block: Block, printed: str) -> None:
    """Hold what a page shows of an output against what was printed."""
    output, wanted = " ".join(printed.split()), labels(block.body)
    assert wanted, f"{block.where}: an output without a word"
    missing = [label for label in wanted if label not in output]
    assert not missing, f"{block.where}: not printed: {missing}\n{printed}"
