"""Reads the JSON files of the program; one that cannot be used gives one line of error."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulation.errors import InputError, dotted
from simulation.regular_files import read_start

if TYPE_CHECKING:
    from pydantic import BaseModel

#: The largest files written are manifests of 100,000 replications, about 5 MB.
MOST_BYTES = 32_000_000


def parse_json(data: bytes) -> Any:
    """The content of a JSON text in UTF-8, with or without a byte order mark.

    Raises:
        ValueError: The text is too large or not JSON. The message says which, in words.
    """
    if len(data) > MOST_BYTES:
        raise ValueError(f"larger than {MOST_BYTES // 1_000_000} MB")
    try:
        return json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ValueError("not UTF-8 text") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON (line {error.lineno}, column {error.colno})") from None


def read_json(file: Path) -> Any:
    """The content of a JSON file.

    Raises:
        InputError: The file cannot be read, is too large or not JSON; one line names it.
    """
    try:
        return parse_json(read_start(file, MOST_BYTES + 1))
    except FileNotFoundError:
        raise InputError("file not found", file=file) from None
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
