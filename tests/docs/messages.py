"""The messages that the program shows, read from the syntax trees of `simulation/`.

They are its texts of several words: what errors say, titles of fields, labels, notes, pages. Of
docstrings only those of commands and the first lines of levers are shown.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from tests.docs.blocks import ROOT

#: words from which a text is a message and not the name of something
_SEVERAL = 4
#: what stands in text that a program reads: style sheets, scripts, patterns
_CODE = re.compile(r"[{}\\]|\(\?|=>|;\s*$|^\s*[#@.][\w-]+\s*$|SELECT |CREATE TABLE ", re.MULTILINE)
#: what stands for a value that is put into a text: one word
VALUE = "x"


class Message(NamedTuple):
    """A text that the program shows; `VALUE` stands for each value that is put into it."""

    where: str
    text: str


@cache
def messages() -> tuple[Message, ...]:
    """Every message of `simulation/`, file by file."""
    return tuple(
        message
        for path in sorted((ROOT / "simulation").rglob("*.py"))
        for message in messages_of(path.read_text(encoding="utf-8"), str(path.relative_to(ROOT)))
    )


def messages_of(code: str, file: str) -> list[Message]:
    """Every message of a file of Python, in the order of its lines."""
    entries = [
        Message(f"{file}:{line}", re.sub(r"<[^>]*>", " ", text))
        for line, text in sorted(_texts(ast.parse(code)))
    ]
    return [one for one in entries if _is_message(one.text)]


def _is_message(text: str) -> bool:
    own = [word for word in re.findall(r"[^\W\d_]+", text) if word != VALUE]
    return len(own) >= _SEVERAL and not _CODE.search(text)


def _texts(node: ast.AST) -> Iterator[tuple[int, str]]:
    """Every text below a node with its line, but for docstrings that nobody is shown."""
    inside = list(ast.iter_child_nodes(node))
    if (text := text_of(node)) is not None:
        yield node.lineno, text
        inside = list(_within(node))
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module):
        docstring = ast.get_docstring(node)
        if docstring is not None:
            inside.remove(node.body[0])
            yield from ((node.body[0].lineno, shown) for shown in _shown(node, docstring))
    for part in inside:
        yield from _texts(part)


def _shown(node: ast.AST, docstring: str) -> list[str]:
    """What of a docstring is shown: all of a command's, the first lines of a lever's."""
    if isinstance(node, ast.FunctionDef):
        calls = (getattr(one, "func", one) for one in node.decorator_list)
        return [docstring] if any(_name(call) in ("command", "group") for call in calls) else []
    if isinstance(node, ast.ClassDef):
        targets = (target for one in node.body for target in getattr(one, "targets", ()))
        named = [_name(target) for target in targets]
        named += [_name(getattr(one, "target", one)) for one in node.body]
        return [docstring.partition("\n\n")[0]] if "section" in named else []
    return []


def text_of(node: ast.AST) -> str | None:
    """The text that an expression makes, with its parts joined; None if it makes none."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(part) or VALUE for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = text_of(node.left), text_of(node.right)
        return None if left is right is None else f"{left or VALUE}{right or VALUE}"
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        text = text_of(node.left)
        return None if text is None else re.sub(r"%[\w.]*[sdfgr]", VALUE, text)
    return None


def _within(node: ast.AST) -> Iterator[ast.AST]:
    """The expressions that are put into a text."""
    if isinstance(node, ast.JoinedStr):
        yield from (part.value for part in node.values if isinstance(part, ast.FormattedValue))
    elif isinstance(node, ast.BinOp):
        for side in (node.left, node.right):
            yield from _within(side) if text_of(side) is not None else (side,)


def _name(node: ast.AST) -> str:
    """The last part of a name; empty for what is none."""
    return getattr(node, "attr", getattr(node, "id", ""))
