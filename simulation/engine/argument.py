"""An option of a command: its type, default, bounds and help, and the refusal of other values.

Nothing heavy is imported here: commands load at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from simulation.errors import InputError

MOST_SEED = 2**63 - 1
#: the option whose value people write in percent
_SCALE = "--scale"


@dataclass(frozen=True)
class Argument:
    """An option of a command, and the argument of that name of a function.

    Attributes:
        name: As Python names it.
        kind: `int`, `float`, `str`, `bool` or `Path`.
        default: Its default.
        help: What it is.
        low: The smallest number allowed; None for any, as with `high`.
        high: The largest.
        between: Whether `low` and `high` themselves are left out.
        unit: Of the numbers that a message shows.
        note: What a message adds to what is allowed.
        words: The only words allowed, if it is one of some.
        metavar: What the help calls its value.
        shown: What the help says of its default, where that is not its value.
        several: Whether it may be given several times; its values are then a tuple.
        commas: Whether it has several values with commas between them; those of an option that is
            typed several times are put together in the same way.
        required: Whether it must be given.
        flags: Its names on the command line, where they are not made from `name`.
    """

    name: str
    kind: type
    default: Any
    help: str
    low: float | None = None
    high: float | None = None
    between: bool = False
    unit: str = ""
    note: str = ""
    words: tuple[str, ...] = ()
    metavar: str | None = None
    shown: str | None = None
    several: bool = False
    commas: bool = False
    required: bool = False
    flags: tuple[str, ...] = ()

    @property
    def option(self) -> str:
        """Its first name on the command line."""
        return self.flags[0] if self.flags else f"--{self.name.replace('_', '-')}"

    @property
    def allowed(self) -> str:
        """The allowed values in words: `1 to 100000`, `1 or more`, `above 0, below 1`."""
        low, high = (_number(end) for end in (self.low, self.high))
        if self.between:
            text = f"above {low}, below {high}"
        elif self.low is not None:
            text = f"{low} or more" if self.high is None else f"{low} to {high}"
        else:
            text = ", ".join(self.words)
        text = f"{text} {self.unit}" if self.unit else text
        return f"{text} ({self.note})" if self.note else text

    def check(self, value: Any) -> None:
        """Refuse a value out of its bounds; None is always allowed.

        Raises:
            InputError: Names the option and what is allowed.
        """
        if value is None:
            return
        if self.low is None:
            good = not self.words or value in self.words
        elif self.between:
            assert self.high is not None
            good = self.low < value < self.high
        else:
            good = self.low <= value and (self.high is None or value <= self.high)
        if not good:
            raise self.refusal(value)

    def refusal(self, value: Any) -> InputError:
        """The error for a value out of bounds."""
        return out_of_range(self.option, value, self.allowed)


def out_of_range(option: str, value: object, text: str) -> InputError:
    """The error for a value out of its bounds.

    Args:
        option: The option, as it is typed.
        value: What was asked.
        text: What is allowed, in words.
    """
    shown = value if isinstance(value, (int, float)) else str(value)
    percent = option == _SCALE and isinstance(value, (int, float)) and 1 < value <= 100
    return InputError(
        "out of range",
        key=option,
        value=shown,
        allowed=text,
        suggestion=f"{value:g}%" if percent else None,
    )


def check_arguments(declared: Iterable[Argument], asked: object) -> None:
    """Refuse an object with a field out of the bounds of an argument of that name.

    Args:
        declared: The arguments; those that are no field of the object are not looked at.
        asked: What was asked for.

    Raises:
        InputError: Names the first that is wrong, and what is allowed.
    """
    for argument in declared:
        if hasattr(asked, argument.name):
            argument.check(getattr(asked, argument.name))


def _number(value: float | None) -> str:
    return "2^63 - 1" if value == MOST_SEED else "" if value is None else f"{value:.10g}"
