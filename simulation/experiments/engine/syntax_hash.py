"""A hash of source files that depends on what they do, and not on how they are written."""

from __future__ import annotations

import ast
import contextlib
import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from simulation.experiments.engine.result_folder import write_text

_DIGITS = 16
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
#: part of the name under which a hash is kept: a change of this file must not find older ones
_SELF = Path(__file__).read_bytes()


def hash_of(files: Sequence[tuple[str, bytes]]) -> str:
    """Hash of some files, of Python files by their syntax trees.

    To parse a package takes half a second. So the hash is kept in the user's cache folder, under
    the hash of the files as they are written. Where nothing can be kept it is computed anew.

    Args:
        files: Their names and contents, in order.

    Returns:
        16 hexadecimal digits.

    Raises:
        SyntaxError: A file ends in `.py` and is no Python.
    """
    written = hashlib.sha256(_SELF)
    for name, content in files:
        written.update(name.encode() + b"\0" + content + b"\0")
    kept = _folder() / written.hexdigest()
    with contextlib.suppress(OSError, UnicodeError):
        found = kept.read_text(encoding="ascii")
        if re.fullmatch(rf"[0-9a-f]{{{_DIGITS}}}", found):
            return found
    digest = hashlib.sha256()
    for name, content in files:
        said = "\0".join(parts(content)).encode() if name.endswith(".py") else content
        digest.update(name.encode() + b"\0" + said + b"\0")
    found = digest.hexdigest()[:_DIGITS]
    with contextlib.suppress(OSError):
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_text(kept, found)
    return found


def parts(source: str | bytes) -> Iterator[str]:
    """The parts of a syntax tree in order, without comments, docstrings and layout.

    They are the same in all versions of Python in which the source means the same: fields that are
    empty are left out, for newer versions add some.

    Args:
        source: Python.
    """
    yield from _of_node(ast.parse(source))


def _of_node(node: ast.AST) -> Iterator[str]:
    yield type(node).__name__
    for name in node._fields:
        value = getattr(node, name, None)
        if name == "body" and isinstance(node, _DOCUMENTED):
            documented = ast.get_docstring(node, clean=False) is not None
            value = value[1:] if documented and isinstance(value, list) else value
        if isinstance(node, ast.JoinedStr) and isinstance(value, list):
            # some versions put empty texts between the parts of a format
            value = [one for one in value if getattr(one, "value", None) != ""]
        if value is None or value == []:
            continue
        yield name
        if isinstance(value, list):
            yield str(len(value))
        for one in value if isinstance(value, list) else (value,):
            if isinstance(one, ast.AST):
                yield from _of_node(one)
            else:
                yield f"{type(one).__name__} {one!r}"


def _folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(base) / "crossings" / "syntax"
