"""A model in a file.

The file is a line that names its kind, a line of JSON and a pickle. The lines say which code wrote
it, how long the pickle is, and its digest. All of that is checked before the pickle is read.
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
from pathlib import Path
from typing import Any

from simulation.errors import InputError
from simulation.regular_files import read_start, renamed
from simulation.safe_json import parse_json
from simulation.snapshots import Origin, check_origin, origin_of_this_code

_KIND = b"crossings model 1\n"
#: bytes in which both lines must end
_MOST_HEADER = 4096
_ANOTHER = "a file that `save` of a model has written"


def write_model(model: Any, path: str | Path) -> None:
    """Write a model whole or not at all.

    Args:
        model: The model, between two days.
        path: The file; one that exists is replaced.

    Raises:
        InputError: Something in the model can be imported nowhere or not be copied, or the file
            cannot be written.
    """
    file = Path(path)
    try:
        content = pickle.dumps(model, protocol=5)
    except (pickle.PicklingError, AttributeError) as error:
        raise InputError(
            f"the model cannot be saved: {error}",
            file=file,
            allowed="functions and classes at the top level of a module that can be imported",
        ) from None
    about = {
        **origin_of_this_code()._asdict(),
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    try:
        with renamed(file) as scrap, scrap.open("wb") as handle:
            handle.write(_KIND + json.dumps(about, separators=(",", ":")).encode() + b"\n")
            handle.write(content)
    except OSError as error:
        raise _unusable(file, "written", error) from None


def read_model(path: str | Path) -> Any:
    """Read a model that `write_model` has written.

    The file is a pickle: whoever wrote it can run any code here. Read your own files only.

    Args:
        path: The file.

    Raises:
        InputError: It is no saved model, of other code, cut short or damaged, or needs a class or a
            function that cannot be found.
    """
    file = Path(path)
    try:
        start = read_start(file, _MOST_HEADER)
        about, begins = _header(start, file)
        check_origin(Origin(*(about[name] for name in Origin._fields)), file)
        content = file.read_bytes()[begins:]
    except FileNotFoundError:
        raise InputError("file not found", file=file) from None
    except (OSError, ValueError) as error:
        raise _unusable(file, "read", error) from None
    if len(content) != about["bytes"]:
        raise InputError(
            "the saved model is cut short or has been added to",
            file=file,
            key="bytes",
            value=len(content),
            allowed=str(about["bytes"]),
        )
    if hashlib.sha256(content).hexdigest() != about["sha256"]:
        raise InputError("the saved model is damaged", file=file, allowed=_ANOTHER)
    try:
        return pickle.loads(content)
    except (AttributeError, ImportError) as error:  # the content is what was written
        raise InputError(
            f"the saved model needs what cannot be found here: {error}",
            file=file,
            allowed="import or define it first, as where the model was saved",
        ) from None


def _header(start: bytes, file: Path) -> tuple[dict[str, Any], int]:
    """What a file says of its content, and where that begins.

    Raises:
        InputError: It does not begin as a saved model does.
    """
    line, end, _ = start.removeprefix(_KIND).partition(b"\n")
    fields = dict.fromkeys(Origin._fields, str) | {"bytes": int, "sha256": str}
    try:
        about = parse_json(line)
        if start.startswith(_KIND) and end and {n: type(about[n]) for n in fields} == fields:
            return about, len(_KIND) + len(line) + 1
    except (ValueError, KeyError, TypeError):
        pass
    raise InputError("not a saved model", file=file, allowed=_ANOTHER)


def _unusable(file: Path, done: str, error: Exception) -> InputError:
    number = getattr(error, "errno", None)
    reason = (os.strerror(number) if number else str(error)).lower()
    return InputError(f"cannot be {done} ({reason})", file=file)
