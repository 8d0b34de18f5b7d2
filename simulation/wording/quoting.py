"""How what the model gives is quoted: every number of a sentence, a table and a chart.

`OutcomeSpec.quote` says how an outcome may be quoted. Here it is obeyed: a difference stands in
percent of each pair's own baseline, or in its unit, and what counts deaths has ends and no middle.
Numbers have the digits that their interval supports; files keep all.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from simulation.engine.findings import Difference, Effect, ends
from simulation.outcomes import (
    OUTCOMES,
    difference_unit,
    most_decimals,
    rounded,
    shown_divisor,
)
from simulation.statistics.finding import Finding, ranges_only
from simulation.studies.effect_chain import spec_of

#: why there is no interval
NO_INTERVAL = "too few pairs for an interval"
#: what stands where there is no value
NO_VALUE = "\N{EN DASH}"
#: what stands where deaths have no range, and so nothing that may be quoted
NOT_QUOTED = "not quoted"
#: what is quoted by its range and direction only
RANGE_ONLY = frozenset(name for name, spec in OUTCOMES.items() if spec.quote == "range")
#: what a percentage is of, on an axis
PERCENT_AXIS = "% of each pair's own baseline"
#: short for percentage points, behind a number or behind both ends of an interval
_POINTS = " points"
#: decimals of a percentage, and the most that keep a small number from reading as nothing
_PERCENT_DECIMALS, _FINEST = 1, 3
#: ends of an interval that differ by less than this share of them are the same
_SAME = 1e-9
Range = tuple[float, float] | None


def number_of(number: float, noun: str, form: str = "") -> str:
    """A number with its noun: `1 pair`, `2 pairs`; `form` is how `format` writes the number."""
    return f"{number:{form}} {noun}{'' if number == 1 else 's'}"


def side_of(effect: Effect, side: str) -> tuple[float | None, ...]:
    """The level of one side of an effect, `baseline` or `scenario`, and the ends of its range."""
    return tuple(getattr(effect, f"{side}{end}") for end in ("", "_low", "_high"))


@dataclass(frozen=True)
class _Quantity:
    """A middle with its interval in the unit that is shown.

    Attributes:
        middle: The middle; None where none may be quoted.
        interval: The ends of its interval, if it has one.
        decimals: Most decimals.
        suffix: What stands behind each number.
        signed: Whether each number has its sign.
    """

    middle: float | None
    interval: Range
    decimals: int
    suffix: str = ""
    signed: bool = True

    def texts(self, *values: float) -> list[str]:
        """Numbers rounded to the second digit of the half-width of the interval, all alike.

        One that would read as nothing has more decimals: a small number is not none, and an
        interval that leaves out zero must not seem to end there.
        """
        decimals = supported(self.interval, self.decimals)
        texts = [_written(value, decimals, self.signed) for value in values]
        hidden = [
            value != 0.0 and _is_zero(text) for value, text in zip(values, texts, strict=True)
        ]
        clear = self.interval is not None and (self.interval[0] > 0.0 or self.interval[1] < 0.0)
        if clear or all(hidden):
            texts = [
                _visible(value, decimals, self.signed) if small else text
                for value, text, small in zip(values, texts, hidden, strict=True)
            ]
        return [f"{text}{self.suffix}" for text in texts]

    def ends(self) -> str:
        """The ends of the interval; empty where there is none."""
        if not self.interval:
            return ""
        low, high = self._all[-2:]
        return f"{low.removesuffix(_POINTS)} to {high}"

    @property
    def text(self) -> str:
        """The middle; empty where there is none."""
        return "" if self.middle is None else self._all[0]

    @property
    def _all(self) -> list[str]:
        """The middle and the ends, as far as there are any."""
        middle = () if self.middle is None else (self.middle,)
        return self.texts(*middle, *(self.interval or ()))


def supported(interval: Range, most: int) -> int:
    """Decimals that an interval supports: up to the second digit of its half-width.

    Args:
        interval: Its ends, if there is one.
        most: Most decimals.

    Returns:
        The decimals; below zero for tens, hundreds and so on.
    """
    if interval is None or same(interval):
        return most
    return min(most, 1 - math.floor(math.log10((interval[1] - interval[0]) / 2.0)))


def same(interval: Range) -> bool:
    """Whether an interval has no width, but for rounding."""
    if interval is None:
        return False
    low, high = interval
    return high - low <= _SAME * max(abs(low), abs(high))


def _written(value: float, decimals: int, signed: bool) -> str:
    text = rounded(abs(value), decimals)
    if _is_zero(text):
        return text
    return f"{'-' if value < 0.0 else '+' if signed else ''}{text}"


def _visible(value: float, decimals: int, signed: bool) -> str:
    """A small number with as many decimals as show it, if so many may be shown."""
    first = _written(value, decimals, signed)
    finer = (_written(value, more, signed) for more in range(max(decimals, 0), _FINEST + 1))
    return next((text for text in finer if not _is_zero(text)), first)


def _is_zero(text: str) -> bool:
    return not text.strip("0.,")


def in_percent(entry: Difference) -> bool:
    """Whether a difference is quoted in percent."""
    return isinstance(entry, Effect) and entry.mean_percent is not None


def _quantity(outcome: str, entry: Difference) -> _Quantity:
    """A difference as it is quoted."""
    if isinstance(entry, Effect) and entry.mean_percent is not None:
        return _Quantity(entry.mean_percent, entry.interval, _PERCENT_DECIMALS, "%")
    return _amount(outcome, entry)


def _amount(outcome: str, entry: Difference) -> _Quantity:
    """A difference in its unit."""
    middle = None if outcome in RANGE_ONLY else entry.mean_difference
    return _in_unit(outcome, middle, ends(entry.mean_low, entry.mean_high))


def _in_unit(outcome: str, middle: float | None, interval: Range) -> _Quantity:
    spec = spec_of(outcome)
    divisor = shown_divisor(spec)
    return _Quantity(
        None if middle is None else middle / divisor,
        None if interval is None else (interval[0] / divisor, interval[1] / divisor),
        most_decimals(spec),
        _POINTS if difference_unit(spec) == "percentage points" else "",
    )


def has_value(outcome: str, entry: Difference | None) -> bool:
    """Whether there is anything to quote of a difference."""
    if entry is None:
        return False
    return entry.mean_difference is not None or (
        outcome in RANGE_ONLY and entry.mean_low is not None
    )


def difference(outcome: str, entry: Difference) -> str:
    """The middle of a difference, as it is quoted: `-14.4%`, `+2.3 points`, `-10`.

    Of what has a range only there is none, and the text is empty.
    """
    if outcome in RANGE_ONLY:
        return ""
    return _quantity(outcome, entry).text or NO_VALUE


def unit(outcome: str, entry: Difference) -> str:
    """The unit behind a difference that is quoted; empty where the number carries it."""
    if in_percent(entry) or difference_unit(spec_of(outcome)) == "percentage points":
        return ""
    return difference_unit(spec_of(outcome))


def interval(outcome: str, entry: Difference) -> str:
    """The ends of a difference's interval, as it is quoted, or why there is none."""
    return _ends(_quantity(outcome, entry), entry.pairs)


def amount_beside(outcome: str, entry: Difference) -> str:
    """The middle in the unit of the outcome, without that, where a difference is in percent.

    Empty where the two contradict each other: pairs with many people weigh more in the one than in
    the other, and about zero they may have different signs.
    """
    if not _has_amount(entry):
        return ""
    return _amount(outcome, entry).text


def _has_amount(entry: Difference) -> bool:
    """Whether a difference in percent may have its amount beside it."""
    if not isinstance(entry, Effect) or entry.mean_percent is None:
        return False
    return (entry.mean_difference or 0.0) * entry.mean_percent > 0.0


def _ends(quantity: _Quantity, pairs: int) -> str:
    if quantity.interval is None:
        return NO_INTERVAL
    if same(quantity.interval):
        # no spread between pairs is no proof, of a rare count above all
        return f"same in all {pairs} pairs"
    return quantity.ends()


def whole(outcome: str, entry: Difference) -> str:
    """A difference with its interval: `-14.4% (-20.0% to -8.3%)`, `-30 to +240 people`."""
    return _whole(_quantity(outcome, entry), entry.pairs, unit(outcome, entry))


def whole_amount_beside(outcome: str, entry: Difference) -> str:
    """The amount beside a difference in percent, with its interval and unit; may be empty."""
    if not _has_amount(entry):
        return ""
    quantity, spec = _amount(outcome, entry), spec_of(outcome)
    return _whole(quantity, entry.pairs, "" if quantity.suffix else difference_unit(spec))


def first_line(outcome: str, entry: Difference) -> str:
    """The middle of a difference with its unit; of what has a range only, its interval."""
    return _first(_quantity(outcome, entry), entry.pairs, unit(outcome, entry))


def _first(quantity: _Quantity, pairs: int, unit: str) -> str:
    text = quantity.text or _ends(quantity, pairs)
    numbers = quantity.text or (quantity.interval is not None and not same(quantity.interval))
    return f"{text} {unit}".rstrip() if numbers else text


def _whole(quantity: _Quantity, pairs: int, unit: str) -> str:
    first = _first(quantity, pairs, unit)
    if quantity.interval is None or not quantity.text:
        return first
    return f"{first} ({_ends(quantity, pairs)})"


def shift(outcome: str, middle: float | None, interval: Range, pairs: int, *, points: bool) -> str:
    """How far a difference moved, with its interval: `-1.2 points (-4.0 to +1.6 points)`.

    Args:
        outcome: The outcome.
        middle: How far; it is left out where only a range may be quoted.
        interval: Its interval, if there is one.
        pairs: Pairs behind the smaller of the two comparisons.
        points: Whether it is in percentage points, else in the unit of the outcome.
    """
    middle = None if outcome in RANGE_ONLY else middle
    if points:
        return _whole(_Quantity(middle, interval, _PERCENT_DECIMALS, _POINTS), pairs, "")
    quantity, spec = _in_unit(outcome, middle, interval), spec_of(outcome)
    return _whole(quantity, pairs, "" if quantity.suffix else difference_unit(spec))


def sizes(outcome: str, entry: Difference) -> tuple[str, str]:
    """The ends of a difference's interval without their signs: `1.4%`, `2.3%`."""
    quantity = replace(_quantity(outcome, entry), signed=False)
    assert quantity.interval is not None
    low, high = quantity.texts(*map(abs, quantity.interval))
    return low.removesuffix(_POINTS), high


def single(outcome: str, value: float | None, *, signed: bool = False) -> str:
    """A difference in its unit that has no interval, such as the effect of one assumption."""
    if value is None:
        return NO_VALUE
    if outcome in RANGE_ONLY:
        return NOT_QUOTED
    (text,) = replace(_in_unit(outcome, None, None), signed=signed, suffix="").texts(
        value / shown_divisor(spec_of(outcome))
    )
    return text


def across(
    outcome: str, median: float | None, low: float | None, high: float | None
) -> tuple[str, str]:
    """The median of differences in their unit, empty where none may be quoted, and their range."""
    quantity = _in_unit(outcome, None if outcome in RANGE_ONLY else median, ends(low, high))
    return quantity.text, quantity.ends()


def counted(mean: float, low: float, high: float, *, range_only: bool = False) -> str:
    """A difference of a count that is no outcome: `-120 (-180 to -60)`; NaN ends for none."""
    spread = None if math.isnan(low) else (low, high)
    quantity = _Quantity(None if range_only or math.isnan(mean) else mean, spread, 0)
    if not quantity.text:
        return quantity.ends() or NOT_QUOTED
    return f"{quantity.text} ({quantity.ends()})" if spread else quantity.text


def people(number: float, interval: Range) -> str:
    """A number of people with the digits that an interval beside it supports."""
    (text,) = _Quantity(None, interval, 0, signed=False).texts(number)
    return text


def price(low: float, high: float) -> str:
    """What a unit of something costs: `2,000 to 12,000`."""
    return _Quantity(None, (low, high), 0, signed=False).ends()


def millions(value: float) -> str:
    """A sum of money that has no interval, in millions."""
    return rounded(value / 1e6, 1) if value else NO_VALUE


def sentence_case(text: str) -> str:
    """A text with its first letter large."""
    return text[:1].upper() + text[1:]


def percent(value: float) -> str:
    """A percentage that has no interval beside it."""
    return _Quantity(value, None, _PERCENT_DECIMALS, "%").text


def plausible(outcome: str, entry: Effect) -> str:
    """The range of the effect over worlds: `-20.3% to -3.1%`, `-35 to +22`; empty without one."""
    return _ends(_over_worlds(outcome, entry), entry.pairs) if entry.plausible else ""


def plausible_in_unit(outcome: str, entry: Effect) -> str:
    """The range with its unit; words that stand in place of a range have none."""
    inside = plausible(outcome, entry)
    if entry.plausible is None or same(entry.plausible):
        return inside
    return f"{inside} {unit(outcome, entry)}".rstrip()


def median(outcome: str, entry: Effect) -> str:
    """The median effect over worlds; empty where not quoted.

    It has the digits of their range, or without one those of the interval of the mean.
    """
    over_worlds = _over_worlds(outcome, entry)
    interval = over_worlds.interval or _quantity(outcome, entry).interval
    return replace(over_worlds, interval=interval).text


def end_error(outcome: str, entry: Effect) -> str:
    """How well the ends of the range are known, the worse of both: `1.2 points`, `8 people`."""
    error = entry.end_error
    if error is None:
        return ""
    quantity = _Quantity(error, (0.0, 2.0 * error), _FINEST, _POINTS, signed=False)
    if in_percent(entry):
        return quantity.text
    spec = spec_of(outcome)
    size = error / shown_divisor(spec)
    return f"{replace(quantity, middle=size, interval=(0.0, 2.0 * size), suffix='').text} " + (
        difference_unit(spec)
    )


def _over_worlds(outcome: str, entry: Effect) -> _Quantity:
    """The effect over worlds: its median and its range."""
    middle = None if outcome in RANGE_ONLY else entry.median
    if in_percent(entry):
        return _Quantity(middle, entry.plausible, _PERCENT_DECIMALS, "%")
    return _in_unit(outcome, middle, entry.plausible)


def level(outcome: str, median: float | None, low: float | None, high: float | None) -> str:
    """A level as it is quoted: `66,100 (61,200 to 72,000)`; of what has a range only its ends."""
    middle, inside = level_parts(outcome, median, low, high)
    if not middle:
        return inside or NOT_QUOTED
    return f"{middle} ({inside})" if inside else middle


def level_parts(
    outcome: str, median: float | None, low: float | None, high: float | None
) -> tuple[str, str]:
    """A level as it is quoted: the middle, and the ends of its range; each may be empty."""
    if outcome in RANGE_ONLY:
        median = None
    elif median is None:
        return NO_VALUE, ""
    spec = spec_of(outcome)
    divisor, suffix = shown_divisor(spec), "%" if spec.unit == "share" else ""
    spread = ends(low, high)
    scaled = None if spread is None else (spread[0] / divisor, spread[1] / divisor)
    middle = None if median is None else median / divisor
    quantity = _Quantity(middle, scaled, most_decimals(spec), suffix, signed=False)
    return quantity.text, "" if same(scaled) and middle is not None else quantity.ends()


# -- charts ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DrawnDifferences:
    """Differences of one outcome on one axis.

    Attributes:
        unit: Unit of the axis.
        ends: Middle, low and high of each, in that unit; NaN where there is none.
        texts: Each with its interval, in words.
    """

    unit: str
    ends: list[tuple[float, float, float]]
    texts: list[str]


def drawn(
    outcome: str, entries: Sequence[Difference | None], *, over_worlds: bool = False
) -> DrawnDifferences:
    """Differences of one outcome as they are drawn: all in percent, or all in its unit.

    Args:
        outcome: The outcome.
        entries: Its differences.
        over_worlds: Whether a difference with a range over worlds is drawn as that, if all are
            quoted alike.
    """
    valued = [entry for entry in entries if entry is not None and has_value(outcome, entry)]
    quoted = {in_percent(entry) for entry in valued}

    def quantity(entry: Difference) -> _Quantity:
        if over_worlds and len(quoted) == 1 and isinstance(entry, Effect) and entry.plausible:
            return _over_worlds(outcome, entry)
        return (_quantity if quoted == {True} else _amount)(outcome, entry)

    amounts = difference_unit(spec_of(outcome))
    shown = [None if entry is None else (quantity(entry), entry.pairs) for entry in entries]
    return DrawnDifferences(
        PERCENT_AXIS if quoted == {True} else amounts,
        [_numbers(one and one[0]) for one in shown],
        [_whole(*one, "" if one[0].suffix else amounts) if one else "no value" for one in shown],
    )


def drawn_over_worlds(outcome: str, entry: Effect) -> tuple[tuple[float, float, float], str] | None:
    """The middle of worlds and the ends of their range as drawn, and in words; None without one."""
    if entry.plausible is None:
        return None
    quantity = _over_worlds(outcome, entry)
    return _numbers(quantity), _whole(quantity, entry.pairs, unit(outcome, entry))


def _numbers(quantity: _Quantity | None) -> tuple[float, float, float]:
    if quantity is None:
        return math.nan, math.nan, math.nan
    low, high = quantity.interval or (math.nan, math.nan)
    return math.nan if quantity.middle is None else quantity.middle, low, high


# -- findings that pages are made of ---------------------------------------------------------------


def quotable[FindingT: Finding](findings: FindingT) -> FindingT:
    """Findings as pages may have them: of what has a range only, no number but the ends.

    Whatever stands under the name of such an outcome is `Finding.ranges_only`, so that a study
    cannot print what may not be quoted.
    """
    changes = {name: _quotable(getattr(findings, name)) for name in type(findings).model_fields}
    return findings.model_copy(update=changes)


def _quotable(value: Any) -> Any:
    if isinstance(value, Finding):
        return quotable(value)
    if isinstance(value, Mapping):
        return {
            key: ranges_only(each) if key in RANGE_ONLY else _quotable(each)
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [_quotable(each) for each in value]
    return value
