"""What a finding is: a typed part of a summary, whose single numbers can be left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field

Count = Annotated[int, Field(ge=0, lt=2**53)]
#: sizes of a fall or a rise whose probability is stated, in percent
BEYOND = (1, 5, 10)
#: probabilities of an effect over worlds, by name
PROBABILITIES = tuple(
    name
    for way in ("fall", "rise")
    for name in (f"probability_of_{way}", *(f"{way}_beyond_{size}" for size in BEYOND))
)
#: numbers that say between what a quantity lies, how well that is known, or how sure a direction
#: is, and not what it is
ENDS = frozenset({
    "low", "high", "baseline_low", "baseline_high", "scenario_low", "scenario_high",
    "plausible_low", "plausible_high", "plausible_low_error", "plausible_high_error", "mean_low",
    "mean_high", "mean_probability", *PROBABILITIES,
})  # fmt: skip


class Finding(BaseModel):
    """A part of a summary: values are not converted."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True, allow_inf_nan=False)

    #: the order of keys in files, where it is not that of the fields
    filed: ClassVar[tuple[str, ...]] = ()

    def as_json(self) -> dict[str, Any]:
        """The fields that were set, as JSON holds them."""
        fields = self.model_dump(exclude_unset=True)
        return {name: fields.pop(name) for name in self.filed if name in fields} | fields

    def ranges_only(self) -> Self:
        """The same without any single number in the unit of its outcome: what has `ENDS` keeps it.

        What has no unit is `Unitless`.
        """
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        return self.model_copy(
            update={name: one if name in ENDS else ranges_only(one) for name, one in fields.items()}
        )


class Unitless(Finding):
    """A finding without any number in the unit of an outcome, such as shares of a variance."""

    def ranges_only(self) -> Self:
        """All of it."""
        return self


def ranges_only(value: Any) -> Any:
    """A part of a finding without its single numbers, see `Finding.ranges_only`."""
    if isinstance(value, Finding):
        return value.ranges_only()
    if isinstance(value, Mapping):
        return {key: one if key in ENDS else ranges_only(one) for key, one in value.items()}
    if isinstance(value, list):
        return [ranges_only(one) for one in value]
    return None if isinstance(value, float) else value
