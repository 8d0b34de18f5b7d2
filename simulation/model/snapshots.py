"""A model between two days as bytes, and back: a copy goes on as the original does, to the bit.

Each way to copy a model comes here: `copy`, `pickle`, and what sends objects to other processes.
A plain pickle would not do. Many columns are views: an operator's columns are the beginning of
longer ones, and the day's counts by leg are the rows of one table. Pickle copies each view into an
array of its own, after which what is written into one is no longer read from the other. Here a view
stays a view.

Functions and classes that can be imported nowhere, such as a rule in a notebook, are no part of the
bytes. They go beside them, by the means of whoever copies: `copy` shares them, cloudpickle sends
them, and `pickle` refuses them.
"""

from __future__ import annotations

import contextlib
import gc
import io
import pickle
import sys
from collections.abc import Callable, Iterator
from importlib import metadata
from types import FunctionType
from typing import Any, NamedTuple

import numpy as np

from simulation.errors import InputError
from simulation.model.processes.world import World
from simulation.source_hash import simulator_hash
from simulation.version import __version__


class Snapshot(NamedTuple):
    """A model between two days.

    Attributes:
        content: The model, as `pickle` writes it.
        beside: Functions and classes that `content` refers to and that can be imported nowhere.
    """

    content: bytes
    beside: list[Any]


class Origin(NamedTuple):
    """The code that a snapshot comes from. Only the same code goes on to the bit.

    Attributes:
        version: Version of crossings.
        model_hash: Hash of the model's code and data, see `simulator_hash`.
        mesa: Version of Mesa, whose private state a model holds.
    """

    version: str
    model_hash: str
    mesa: str


def origin_of_this_code() -> Origin:
    """The origin of snapshots that this process takes."""
    return Origin(__version__, simulator_hash(), metadata.version("mesa"))


def check_origin(origin: Origin, file: object = None) -> None:
    """Refuse a snapshot of other code.

    Args:
        origin: Where it comes from.
        file: The file it was read from, if any.

    Raises:
        InputError: It was taken by another version of crossings, of its code or of Mesa.
    """
    for key, theirs, ours in zip(Origin._fields, origin, origin_of_this_code(), strict=True):
        if theirs != ours:
            raise InputError(
                "the model was saved by other code and would not go on the same",
                file=file,
                key=key,
                value=theirs,
                allowed=f"{ours} (or run the scenario again)",
            )


def reduce_model(model: Any) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """What `copy` and `pickle` make a copy of a model from (its `__reduce_ex__`).

    Raises:
        pickle.PicklingError: Something in the model cannot be copied; one line says what.
    """
    return _restore_checked, (origin_of_this_code(), *take_snapshot(model))


def _restore_checked(origin: Origin, content: bytes, beside: list[Any]) -> Any:
    check_origin(origin)
    return restore_snapshot(Snapshot(content, beside))


def take_snapshot(model: Any) -> Snapshot:
    """Write down a model as it is between two days.

    Raises:
        pickle.PicklingError: Something in it cannot be copied; one line says what.
    """
    pickler = _Pickler(model)
    try:
        return pickler.write(model)
    except _UNPICKLABLE as error:
        name = _attribute_at_fault(model)
        raise pickle.PicklingError(
            f"the model cannot be copied: {name}: {' '.join(str(error).split())}"
        ) from error


def restore_snapshot(snapshot: Snapshot) -> Any:
    """Bring back a model that goes on as the original does."""
    with gc_paused():  # the collector would look at every agent again and again
        return _Unpickler(snapshot).load()


@contextlib.contextmanager
def gc_paused() -> Iterator[None]:
    """Keep the garbage collector from looking at every agent again and again."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


#: what pickle raises where an object cannot be pickled
_UNPICKLABLE = (pickle.PicklingError, TypeError, AttributeError, RecursionError)


class _Pickler(pickle.Pickler):
    """Writes a model: its parts by what they hold, and its views as views."""

    def __init__(self, model: Any) -> None:
        self._file = io.BytesIO()
        super().__init__(self._file, protocol=5)
        self._beside: list[Any] = []
        by_attributes = dict.fromkeys((type(model), World), reduce_by_attributes)
        self._reducers = {np.ndarray: _reduce_array, **by_attributes, **model.reducers()}

    def write(self, thing: object) -> Snapshot:
        """Write an object and all it refers to."""
        self.dump(thing)
        return Snapshot(self._file.getvalue(), self._beside)

    def reducer_override(self, thing: Any) -> Any:
        """How an object is pickled; `pickle` calls this for all but numbers, texts and lists."""
        reduce = self._reducers.get(type(thing))
        if reduce is not None:
            return reduce(thing)
        if isinstance(thing, (FunctionType, type)) and not _can_be_imported(thing):
            self._beside.append(thing)
            return _beside, (len(self._beside) - 1,)
        return NotImplemented


class _Unpickler(pickle.Unpickler):
    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__(io.BytesIO(snapshot.content))
        self._beside = snapshot.beside

    def find_class(self, module: str, name: str, /) -> Any:
        """What a name stands for; `_beside` gives what lies beside this snapshot."""
        if (module, name) == (__name__, _beside.__name__):
            return self._beside.__getitem__
        return super().find_class(module, name)


def _beside(place: int) -> Any:
    """What lies at a place beside the bytes; `_Unpickler` puts the real one here."""
    raise pickle.UnpicklingError("a snapshot is read by `restore_snapshot` only")


def _can_be_imported(thing: Any) -> bool:
    """Whether another process finds a function or a class by its name."""
    named: Any = sys.modules.get(thing.__module__)
    for part in thing.__qualname__.split("."):
        named = getattr(named, part, None)
    return named is thing and thing.__module__ != "__main__"


def _attribute_at_fault(model: Any) -> str:
    """The attribute of a model, or the rule of a user's own, that cannot be pickled."""

    class Alone(_Pickler):
        def persistent_id(self, thing: Any) -> str | None:
            return "the model" if thing is model or isinstance(thing, World) else None

    for name, value in (*vars(model.rules).items(), *vars(model).items()):
        try:
            Alone(model).write(value)
        except _UNPICKLABLE:
            return str(name)
    return "world"


# -- how the parts of a model are pickled ----------------------------------------------------------


def reduce_by_attributes(thing: object) -> Any:
    """As `pickle` does by itself: outside of their model, these objects are pickled otherwise."""
    return object.__reduce_ex__(thing, 5)


def _reduce_array(array: np.ndarray) -> Any:
    """A view by the array it looks at, any other array by what it holds."""
    owner = array
    while isinstance(owner.base, np.ndarray):
        owner = owner.base
    if owner is array:
        return array.__reduce__()
    if not (owner.flags.c_contiguous or owner.flags.f_contiguous) or owner.dtype.hasobject:
        raise pickle.PicklingError("a view on an array that is not in one piece")
    offset = _address(array) - _address(owner)
    layout = (offset, array.shape, array.strides, array.dtype, array.flags.writeable)
    return _view, (owner, *layout)


def _address(array: np.ndarray) -> int:
    return int(array.__array_interface__["data"][0])


def _view(
    owner: np.ndarray,
    offset: int,
    shape: tuple[int, ...],
    strides: tuple[int, ...],
    dtype: np.dtype[Any],
    writeable: bool,
) -> np.ndarray:
    buffer = owner if owner.flags.c_contiguous else owner.T
    view: np.ndarray = np.ndarray(shape, dtype, buffer, offset, strides)
    view.setflags(write=writeable)
    return view
