"""A model under way as bytes, from which it can be brought back any number of times.

Only for the process that made them: the bytes are a pickle, which must not come from elsewhere.

A plain pickle would not do. Many columns are views: an operator's columns are the beginning of
longer ones, and the day's counts by leg are the rows of one table. Pickle copies each view into an
array of its own, after which what is written into one is no longer read from the other. Here a view
is kept as a view.
"""

from __future__ import annotations

import copyreg
import io
import pickle
from typing import Any

import mesa
import numpy as np

from simulation.agents.migrant import Migrant
from simulation.model import Crossings


def take_snapshot(model: Crossings) -> bytes:
    """Write down a model as it is between two days.

    Raises:
        pickle.PicklingError: Something in it cannot be brought back as it is.
    """
    out = io.BytesIO()
    try:
        _Pickler(out).dump(model)
    except (TypeError, AttributeError, RecursionError) as error:  # what pickle says of such objects
        raise pickle.PicklingError(str(error)) from error
    return out.getvalue()


def restore_snapshot(snapshot: bytes) -> Crossings:
    """Bring back a model of this process that goes on as the original did."""
    model = pickle.loads(snapshot)
    assert isinstance(model, Crossings)
    return model


def _reduced(array: np.ndarray) -> Any:
    """How an array is pickled: a view by the array it looks at, any other by what it holds."""
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


def _reduced_person(person: Migrant) -> Any:
    """How one of very many is pickled: in a third of the time that it takes by its attributes."""
    return _person, (person.model, person.row, person.unique_id)


def _person(model: mesa.Model, row: int, identifier: int) -> Migrant:
    person: Migrant = object.__new__(Migrant)
    person.model, person.row, person.unique_id = model, row, identifier
    return person


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


class _Pickler(pickle.Pickler):
    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file, protocol=5)
        self.dispatch_table = {
            **copyreg.dispatch_table,
            np.ndarray: _reduced,
            Migrant: _reduced_person,
        }
