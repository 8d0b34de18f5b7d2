"""Reads JSON files that somebody else may have written, within stated limits.

Every JSON file that enters the program is read here. A file that breaks a limit gives one line of
error, and little of it is loaded into memory.
"""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from simulation.errors import InputError, dotted
from simulation.regular_files import NotAFileError, read_regular

if TYPE_CHECKING:
    from pydantic import BaseModel

#: The largest files written are manifests of 100,000 replications, about 5 MB.
MOST_BYTES = 32_000_000
#: Numbers, texts and containers of one file. Python needs up to 250 bytes for each.
MOST_VALUES = 1_000_000
#: Containers inside each other. Files written here have at most eight.
MOST_DEPTH = 64
#: Whole numbers outside 64 bits fit into no table.
_LEAST_INTEGER, _MOST_INTEGER = -(2**63), 2**64 - 1
_MOST_DIGITS = 20


def parse_json(data: bytes, *, nan: bool = False) -> Any:
    """The content of a JSON text.

    Args:
        data: The text in UTF-8, with or without a byte order mark.
        nan: True to read NaN and infinities, which are no JSON but which Python writes.

    Raises:
        ValueError: The text is not JSON or breaks a limit. The message says which, in words.
    """
    if len(data) > MOST_BYTES:
        raise ValueError(f"larger than {MOST_BYTES // 1_000_000} MB")
    if sum(data.count(mark) for mark in (b",", b"[", b"{")) > MOST_VALUES:
        raise ValueError(f"more than {MOST_VALUES:,} values")
    try:
        content = json.loads(
            data.decode("utf-8-sig"),
            parse_constant=float if nan else _refuse_constant,
            parse_float=float if nan else _finite,
            parse_int=_integer,
            object_pairs_hook=_without_duplicates,
        )
    except UnicodeDecodeError:
        raise ValueError("not UTF-8 text") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON (line {error.lineno}, column {error.colno})") from None
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if _depth_exceeds(content, MOST_DEPTH):
        raise ValueError("nested too deeply")
    return content


def read_json(file: Path) -> Any:
    """The content of a JSON file.

    Raises:
        InputError: The file cannot be read, is not JSON, or breaks a limit; one line names it.
    """
    try:
        return parse_json(read_regular(file, MOST_BYTES + 1))
    except FileNotFoundError:
        raise InputError("file not found", file=file) from None
    except NotAFileError as error:
        raise InputError(str(error), file=file) from None
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise InputError(f"cannot be read ({reason.lower()})", file=file) from None
    except ValueError as error:
        raise InputError(str(error), file=file) from None


def check_json(content: Any, model: type[BaseModel], file: Path) -> dict[str, Any]:
    """The content of a JSON file, after checking it against a Pydantic model.

    Args:
        content: The content, as `read_json` returns it.
        model: What the file must hold. Keys that the model does not name are kept.
        file: The file, for messages.

    Raises:
        InputError: A key is missing or holds a wrong value; one line names the first.
    """
    from pydantic import ValidationError

    if not isinstance(content, dict):
        raise InputError("not a JSON object", file=file)
    try:
        model.model_validate(content)
    except ValidationError as error:
        details = error.errors(include_url=False)[0]
        value = details["input"]
        raise InputError(
            details["msg"][:1].lower() + details["msg"][1:],
            file=file,
            key=dotted(details["loc"]) or None,
            value=value if isinstance(value, (str, int, float)) else None,
        ) from None
    return content


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name}, which is not a number in JSON")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"the number {text[:20]}, which is too large")
    return value


def _integer(text: str) -> int:
    if len(text) <= _MOST_DIGITS:
        value = int(text)
        if _LEAST_INTEGER <= value <= _MOST_INTEGER:
            return value
    raise ValueError("a whole number of more than 64 bits")


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise ValueError(f'the key "{key[:40]}" twice')
            seen.add(key)
    return content


def _depth_exceeds(content: Any, most: int) -> bool:
    """Whether containers lie inside each other more often than allowed."""
    level = [content]
    for _ in range(most):
        level = [
            item
            for container in level
            if isinstance(container, (dict, list))
            for item in (container.values() if isinstance(container, dict) else container)
            if isinstance(item, (dict, list))
        ]
        if not level:
            return False
    return True
