"""The messages that the program shows, read from the syntax trees of `simulation/`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.docs.blocks import ROOT

#: kinds of message: what an error says; the help of a command or an option, and what explains a
#: lever; titles and descriptions of fields; notes before a run; labels of what is counted; any
#: other text of several words, such as those of pages and of the app
KINDS = ("error", "help", "field", "note", "label", "text")
#: calls of other names that make an error, by the last part of their name
_ERRORS = frozenset(
    {"error", "problem", "unusable", "stopped", "damaged", "refused", "fail", "first_error"}
)
#: calls -> the kind of message that their arguments are
_CALLS = {"Note": "note", "OutcomeSpec": "label", "LinkSpec": "label"}
#: arguments that name something and say nothing
_NAMES = frozenset({"key", "file", "value", "unit", "kind", "alias", "type", "at", "from"})
#: arguments of options and fields -> the kind of message that they are
_ARGUMENTS = {
    "help": "help", "short_help": "help", "epilog": "help",
    "title": "field", "description": "field",
}  # fmt: skip
#: files whose texts are notes
_NOTES = frozenset({"notes.py", "reasons.py"})
#: words from which a text of no other kind is a message and not the name of something
_SEVERAL = 4
#: what stands in text that a program reads: style sheets, scripts, patterns
_CODE = re.compile(r"[{}\\]|\(\?|=>|;\s*$|^\s*[#@.][\w-]+\s*$|SELECT ", re.MULTILINE)
#: what stands for a value that is put into a text: one word
VALUE = "x"


type _Documented = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module


class Message(NamedTuple):
    """A text that the program shows.

    Attributes:
        where: Its file and line.
        kind: One of `KINDS`.
        text: Its words; `VALUE` stands for each value that is put into it.
    """

    where: str
    kind: str
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
    tree = ast.parse(code)
    reader = _Reader(file)
    reader.visit(tree)
    return sorted(reader.found, key=lambda one: int(one.where.rpartition(":")[2]))


def text_of(node: ast.AST) -> str | None:
    """The text that an expression makes, with its parts joined; None if it makes none."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        parts = (text_of(part) for part in node.values)
        return "".join(VALUE if part is None else part for part in parts)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = text_of(node.left), text_of(node.right)
        if left is None and right is None:
            return None
        return (VALUE if left is None else left) + (VALUE if right is None else right)
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


def _name(call: ast.expr) -> str:
    """The last part of the name of what is called."""
    if isinstance(call, ast.Attribute):
        return call.attr
    return call.id if isinstance(call, ast.Name) else ""


class _Reader(ast.NodeVisitor):
    """Goes through a file and notes each message with its kind."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[Message] = []
        self._other = "note" if Path(file).name in _NOTES else "text"
        self._kind = self._other
        self._levers = Path(file).parent.name == "levers"

    def visit(self, node: ast.AST) -> None:
        text = text_of(node)
        if text is None:
            super().visit(node)
            return
        self._note(text, node)
        for part in _within(node):
            self._as("error" if self._kind == "error" else self._other, part)

    def visit_Raise(self, node: ast.Raise) -> None:
        if isinstance(node.exc, ast.Call):
            self._arguments(node.exc, "error")

    def visit_Call(self, node: ast.Call) -> None:
        name = _name(node.func)
        if name.endswith("Error") or name.lstrip("_") in _ERRORS:
            self._arguments(node, "error")
        else:
            self._arguments(node, _CALLS.get(name, self._kind))

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._body(node, documented=any(map(_is_command, node.decorator_list)))

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._body(node, documented=False)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        lever = self._levers and any(_assigns(one, "section") for one in node.body)
        self._body(node, documented=lever)

    def visit_Module(self, node: ast.Module) -> None:
        self._body(node, documented=False)

    def _arguments(self, call: ast.Call, kind: str) -> None:
        self.visit(call.func)
        for argument in call.args:
            self._as(kind, argument)
        for keyword in call.keywords:
            if keyword.arg not in _NAMES or text_of(keyword.value) is None:
                self._as(_ARGUMENTS.get(keyword.arg or "", kind), keyword.value)

    def _body(self, node: _Documented, *, documented: bool) -> None:
        docstring = ast.get_docstring(node)
        if docstring and documented:
            text = docstring.partition("\n\n")[0] if isinstance(node, ast.ClassDef) else docstring
            self._as("help", ast.copy_location(ast.Constant(text), node.body[0]))
        for child in ast.iter_child_nodes(node):
            if not (docstring and child is node.body[0]):
                self._as(self._other, child)

    def _as(self, kind: str, node: ast.AST) -> None:
        before, self._kind = self._kind, kind
        self.visit(node)
        self._kind = before

    def _note(self, text: str, node: ast.AST) -> None:
        text = re.sub(r"<[^>]*>", " ", text)
        own = [word for word in re.findall(r"[^\W\d_]+", text) if word != VALUE]
        least = _SEVERAL if self._kind == self._other else 1
        if len(own) < least or (self._kind == self._other and _CODE.search(text)):
            return
        self.found.append(Message(f"{self.file}:{node.lineno}", self._kind, text))  # type: ignore[attr-defined]


def _assigns(node: ast.stmt, name: str) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return any(isinstance(target, ast.Name) and target.id == name for target in targets)


def _is_command(decorator: ast.expr) -> bool:
    call = decorator.func if isinstance(decorator, ast.Call) else decorator
    return _name(call) in ("command", "group")
