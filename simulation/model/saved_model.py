"""A model in a file.

The file is a line that names its kind, a line of JSON and a pickle. The lines say which code wrote
it, and the digest of the pickle. Both are checked before the pickle is read.
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
from pathlib import Path
from typing import Any

from simulation.errors import InputError
from simulation.model.snapshots import Origin, check_origin, origin_of_this_code
from simulation.regular_files import renamed
from simulation.safe_json import parse_json

_KIND = b"crossings model 1\n"
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
    digest = hashlib.sha256(content).hexdigest()
    about = {**origin_of_this_code()._asdict(), "sha256": digest}
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
        data = file.read_bytes()
    except FileNotFoundError:
        raise InputError("file not found", file=file) from None
    except (OSError, ValueError) as error:
        raise _unusable(file, "read", error) from None
    line, _, content = data.removeprefix(_KIND).partition(b"\n")
    try:
        about = parse_json(line if data.startswith(_KIND) else b"")
        origin, digest = Origin(*(about[name] for name in Origin._fields)), about["sha256"]
    except (ValueError, KeyError, TypeError):
        raise InputError("not a saved model", file=file, allowed=_ANOTHER) from None
    check_origin(origin, file)
    if hashlib.sha256(content).hexdigest() != digest:
        raise InputError("the saved model is cut short or damaged", file=file, allowed=_ANOTHER)
    try:
        return pickle.loads(content)
    except (AttributeError, ImportError) as error:  # the content is what was written
        raise InputError(
            f"the saved model needs what cannot be found here: {error}",
            file=file,
            allowed="import or define it first, as where the model was saved",
        ) from None


def _unusable(file: Path, done: str, error: Exception) -> InputError:
    number = getattr(error, "errno", None)
    reason = (os.strerror(number) if number else str(error)).lower()
    return InputError(f"cannot be {done} ({reason})", file=file)
