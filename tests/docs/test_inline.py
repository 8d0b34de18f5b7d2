"""Commands and options named within sentences and tables are those of the command line."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import click
import pytest

from simulation import __version__
from simulation.cli import COMMANDS, cli
from tests.docs.blocks import FENCE, PAGES, ROOT
from tests.docs.running import leaf

#: options of other programs that the pages name
OF_OTHERS = {
    "--scheduler-file", "--check", "--group", "--extra", "--write", "--quick", "--cases",
}  # fmt: skip


def spans(text: str) -> list[str]:
    """What stands between backticks in the sentences of a page; a span may cross a line."""
    bare = FENCE.sub("", text)
    return [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", bare)]


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
            found = group.get_command(context, name)
            assert found is not None
            yield from every_command(found)


@pytest.mark.parametrize("call", CALLS)
def test_a_command_named_in_a_sentence_has_these_options(call):
    command, rest = leaf(shlex.split(call)[1:])
    named = {word.split("=")[0] for word in rest if word.startswith("--")}
    assert named <= options(command)


def test_enough_commands_are_named():
    assert len(CALLS) > 15
    assert {call.split()[1] for call in CALLS} >= set(COMMANDS)


def test_an_option_named_in_a_sentence_is_one_of_a_command():
    known = set().union(*(options(command) for command in every_command(cli))) | OF_OTHERS
    named = {(page, word) for page, span in SPANS for word in span.split() if word[:2] == "--"}
    unknown = {(page, word) for page, word in named if word.split("=")[0] not in known}
    assert unknown == set()
    assert len(named) > 40


def test_a_command_that_is_wrong_is_seen():
    assert spans("say `crossings\nrun` and\n```sh\n`x`\n```\n") == ["crossings run"]
    with pytest.raises(AssertionError, match="no such command"):
        leaf(["forecast"])
    assert "--replicas" not in options(leaf(["run"])[0])


def test_the_change_log_speaks_of_this_version():
    text = (ROOT / "docs" / "changelog.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## (\S+) - (.+)$", text, re.MULTILINE)
    assert versions[0][0] == __version__
    kinds = set(re.findall(r"^### (.+)$", text, re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_the_glossary_is_in_order_and_each_word_stands_once():
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    sections = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    words = [re.findall(r"^\*\*(.+?)\*\*:", part, re.MULTILINE) for part in sections]
    for found in words:
        assert found == sorted(found, key=str.lower)
    together = [word for found in words for word in found]
    assert len(together) == len(set(together)) > 50
