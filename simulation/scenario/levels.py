"""The level of sharing: its five words, its number from 0 to 1, and what it means."""

from __future__ import annotations

from typing import NamedTuple

from simulation.parameters import Parameters

#: the levels that have a word, in rising order
LEVEL_WORDS = ("none", "low", "medium", "high", "full")
STEP = 1 / (len(LEVEL_WORDS) - 1)  # the five words stand at 0, 0.25, 0.5, 0.75 and 1

#: what a level may be, in words
LEVELS_ALLOWED = f"{', '.join(LEVEL_WORDS)}, or a number from 0 to 1"


def level_number(level: str | float) -> float:
    """A level as a number from 0 (none) to 1 (full)."""
    return LEVEL_WORDS.index(level) * STEP if isinstance(level, str) else float(level)


def level_interval(level: str | float) -> tuple[int, float]:
    """The word at or below a level, and how far above it the level is.

    Returns:
        The number of the word in `LEVEL_WORDS`, and the share of the way to the next word, from 0
        to below 1.
    """
    position = level_number(level) / STEP
    below = min(int(position), len(LEVEL_WORDS) - 1)
    return below, position - below


def level_word(level: str | float) -> str:
    """A level in words; a number between two words says above which."""
    below, above = level_interval(level)
    word = LEVEL_WORDS[below]
    return f"above {word} ({level:g})" if above else word


class Quality(NamedTuple):
    """How reports pass from one authority to another.

    Attributes:
        coverage: Share of reports passed on, 0 to 1.
        delay_days: Mean days a report takes.
        fidelity: Chance that it survives as information, 0.5 to 1.
        leak: Chance that a shared report reaches the smuggler it is about.
        third_party: Whether the receiver may pass it on.
    """

    coverage: float
    delay_days: float
    fidelity: float
    leak: float
    third_party: bool


def levels(parameters: Parameters) -> dict[str, Quality]:
    """The five levels that have a word, in rising order."""
    sharing = parameters.sharing
    return {
        word: Quality(*(getattr(sharing, f"{word}_{name}") for name in Quality._fields))
        for word in LEVEL_WORDS
    }


def quality_of(level: str | float, parameters: Parameters) -> Quality:
    """The meaning of a level.

    Args:
        level: One of the five words, or a number from 0 (none) to 1 (full). A number between two
            words lies linearly between them; the permission is that of the lower word.
        parameters: Where the five words are defined.
    """
    table = levels(parameters)
    if isinstance(level, str):
        return table[level]
    below, part = level_interval(level)
    low, high = (table[word] for word in (LEVEL_WORDS[below:] + LEVEL_WORDS[-1:])[:2])
    coverage, delay, fidelity, leak = (
        a + part * (b - a) for a, b in zip(low[:4], high[:4], strict=True)
    )
    return Quality(coverage, delay, fidelity, leak, low.third_party)
