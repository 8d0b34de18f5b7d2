"""Blocks of pages are of known kinds, what they say to type works, what they name is there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import click
import pytest

from simulation.cli import cli
from tests.docs.blocks import FENCE, KINDS, PAGES, ROOT, Block, all_blocks, commands
from tests.docs.running import (
    SERVERS,
    leaf,
    ours,
    prepare,
    read,
    run_page,
)

BLOCKS = all_blocks()
SHELL = [block for block in BLOCKS if block.language == "sh"]
TYPED = [(block.where, command) for block in SHELL for command in commands(block.body)]
#: pages whose commands are done within seconds; those of the others take minutes together
QUICK = {"scenarios.md", "parameters.md", "results.md"}
#: those read first; what others type is tried in tests/commands as well
FIRST = {"README.md", "first-what-if.md", "python.md"}
#: page -> what its examples in Python print
PRINTED = {
    "README.md": ("against “Outlook", "Deaths in the Channel"),
    "mesa.md": (
        r"^[1-9]\d* operators on \d{4}-\d\d-\d\d$",
        r"^[1-9][\d.]* people came by small boat$",
        r"^[1-9]\d* agents in Calais$",
    ),
    "python.md": ("against “Baseline", "Deaths in the Channel", r'did you mean "baseline"\?'),
}
#: pages with commands for a cluster
ON_A_CLUSTER = {"cluster.md"}


def typed_on(page: str) -> list[Block]:
    return [block for block in BLOCKS if block.page == page]


def can_be_run(page: str) -> int:
    """How many commands and pieces of code of a page are to be run."""
    blocks = typed_on(page)
    calls = [ours(command) for block in blocks if block.language == "sh"
             for command in commands(block.body)]  # fmt: skip
    python = sum(block.language == "python" for block in blocks)
    return python + sum(call is not None and call[0] not in SERVERS for call in calls)


WITH_COMMANDS = [page.name for page in PAGES if can_be_run(page.name)]


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.where)
def test_a_block_is_of_a_known_kind(block: Block):
    kinds = KINDS.get(block.language)
    assert kinds is not None, f"say what it is: one of {', '.join(KINDS)}"
    assert block.kind in kinds, f"{block.language} is one of: {', '.join(kinds)}"
    assert not block.file or kinds[block.kind], "only scenarios and tables are kept as files"
    assert block.body.strip()


@pytest.mark.parametrize("command", sorted({command for _, command in TYPED}))
def test_a_command_is_understood_as_it_stands(command: str):
    read(command)


def marks_of(page: str) -> list[pytest.MarkDecorator]:
    if page in QUICK:
        return []
    return [pytest.mark.slow if page in FIRST else pytest.mark.full]


@pytest.mark.parametrize("page", [
    pytest.param(page, marks=marks_of(page))
    for page in WITH_COMMANDS
    if page not in ON_A_CLUSTER
])  # fmt: skip
def test_what_a_page_says_to_type_works(page: str, tmp_path, monkeypatch, capsys):
    prepare(tmp_path, monkeypatch)
    folder = ROOT / "simulation" / "parameters" / "fitted"
    packaged = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert len(run_page(typed_on(page), tmp_path)) == can_be_run(page)
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == packaged
    printed = capsys.readouterr().out
    for words in PRINTED.get(page, ()):
        assert re.search(words, printed, re.MULTILINE), words
    assert (tmp_path / "my-results" / "report.html").exists() is (page == "python.md")


@pytest.mark.full
@pytest.mark.parametrize("page", sorted(ON_A_CLUSTER))
def test_what_a_page_says_to_type_works_on_a_cluster(page: str, tmp_path, monkeypatch):
    from tests.machines import Machines

    folder = tmp_path / "page"
    folder.mkdir()
    prepare(folder, monkeypatch)
    cluster = Machines(tmp_path, 1)
    try:
        assert len(run_page(typed_on(page), folder, cluster.address)) == can_be_run(page) > 0
    finally:
        cluster.end()


# -- within sentences and tables -------------------------------------------------------------------

#: options of other programs that the pages name
OF_OTHERS = {
    "--scheduler-file", "--check", "--group", "--extra", "--quick", "--cases",
    "--no-check-version",
}  # fmt: skip


def spans(text: str) -> list[str]:
    """What stands between backticks in the sentences of a page; a span may cross a line."""
    return [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", FENCE.sub("", text))]


SPANS = [(page.name, span) for page in PAGES for span in spans(page.read_text(encoding="utf-8"))]
CALLS = sorted(
    {
        span.removeprefix("uv run ")
        for _, span in SPANS
        if re.match(r"(uv run )?crossings [a-z-]", span)
    }
)


def options(command: click.Command) -> set[str]:
    own = {name for param in command.params for name in (*param.opts, *param.secondary_opts)}
    return own | {"--help", "--version"}


def every_command(group: click.Command) -> Iterator[click.Command]:
    yield group
    if isinstance(group, click.Group):
        context = click.Context(group)
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            assert command is not None
            yield from every_command(command)


@pytest.mark.parametrize("call", CALLS)
def test_a_command_named_in_a_sentence_has_these_options(call):
    command, rest = leaf(shlex.split(call)[1:])
    assert {word.split("=")[0] for word in rest if word.startswith("--")} <= options(command)


def test_an_option_named_in_a_sentence_is_one_of_a_command():
    accepted = set().union(*(options(command) for command in every_command(cli))) | OF_OTHERS
    named = {(page, word) for page, span in SPANS for word in span.split() if word[:2] == "--"}
    assert {(page, word) for page, word in named if word.split("=")[0] not in accepted} == set()
    assert len(named) > 40
