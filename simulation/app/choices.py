"""The choices on the page of the answer: what each writes into the what-if, and reads from it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from pydantic import ValidationError

from simulation.app.draft import Draft, Entry
from simulation.estimates.library import OUTLOOK, LibraryLever, load_library
from simulation.outcomes import listing
from simulation.parameters import load_parameters
from simulation.scenario.levels import LEVEL_WORDS, STEP
from simulation.scenario.levers.registry import LEVER_OF
from simulation.wording.quoting import number_of, sentence_case

_FILE = files(__package__).joinpath("choices.toml")
#: keys of a lever that may differ while it stays the same lever: its days, and its words
_FREE = ("from", "to", "on", "ramp_days", "name", "announced", "signed")


@dataclass(frozen=True)
class Option:
    """One level of a choice.

    Attributes:
        label: What it is called; options that differ in the amount of money share it.
        meaning: What it stands for.
        phrase: It in a question; empty where it changes nothing.
        strengths: Strengths of levers of the library, by their name.
        amount: The amount of money; empty for other options.
    """

    label: str
    meaning: str
    phrase: str
    strengths: Mapping[str, float]
    amount: str = ""


@dataclass(frozen=True)
class LeverChoice:
    """Levels of which one is chosen.

    Attributes:
        key: A word for it.
        legend: What it is called.
        hint: What it is about.
        options: The levels.
    """

    key: str
    legend: str
    hint: str
    options: Sequence[Option]

    @property
    def levers(self) -> list[LibraryLever]:
        """The levers that it sets."""
        names = dict.fromkeys(name for option in self.options for name in option.strengths)
        return [load_library(OUTLOOK).levers[name] for name in names]

    @property
    def usual(self) -> Option:
        """The option of the outlook."""
        return next(one for one in self.options if not one.strengths)

    def chosen(self, draft: Draft) -> Option | None:
        """The option that a what-if holds; None if its levers stand elsewhere."""
        held: list[tuple[str, float | None]] = [
            (lever.name, _strength(lever, entry))
            for lever in self.levers
            for entry in draft.entries(lever.section)
            if _is_of(lever, entry)
        ]
        same = (
            one for one in self.options if sorted(one.strengths.items()) == sorted(held, key=str)
        )
        return next(same, None)

    def with_option(self, draft: Draft, option: Option) -> Draft:
        """A what-if in which the levers of the choice stand at one of its options."""
        sections = {lever.section: draft.entries(lever.section) for lever in self.levers}
        for lever in self.levers:
            entries = [one for one in sections[lever.section] if not _is_of(lever, one)]
            if lever.name in option.strengths:
                entries.append(lever.as_keys(option.strengths[lever.name]))
            sections[lever.section] = entries
        return draft.with_(**sections)


@cache
def _declared() -> Mapping[str, Any]:
    """The content of `choices.toml`."""
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


@cache
def choices() -> Sequence[LeverChoice]:
    """Every choice."""
    return [
        LeverChoice(
            one["key"], one["legend"], one["hint"],
            [option for given in one["options"]
             for option in _options(given, one.get("levers", ()))],
        )
        for one in _declared()["choice"]
    ]  # fmt: skip


def _options(entry: Mapping[str, Any], levers: Sequence[str]) -> list[Option]:
    """The options of an entry of the file: one for each strength."""
    names = entry.get("levers", levers)
    strengths: list[float | None] = [*entry.get("strengths", [None])]
    options = []
    for strength in strengths:
        of = {} if strength is None else dict.fromkeys(names, float(strength))
        varies = load_library(OUTLOOK).levers[names[0]].varies if names else ""
        level = entry.get("level", "")
        if strength is not None and varies == "level":
            level = LEVEL_WORDS[int(strength / STEP)]
        amount = f"GBP {strength:g}m" if of and varies == "amount" else ""
        meaning = entry.get("meaning") or level_meaning(level)
        phrase = entry.get("phrase", "").format(amount=amount)
        options.append(Option(entry["label"], meaning, phrase, of, amount))
    return options


def level_meaning(level: str) -> str:
    """What a level of sharing is assumed to mean, in a sentence."""
    share, days = (
        load_parameters().record(f"sharing.{level}_{quality}").value
        for quality in ("coverage", "delay_days")
    )
    late = number_of(days, "day", "g")
    return f"{100 * share:.0f} of 100 reports are passed on, after {late} (assumption)."


@cache
def years() -> Mapping[str, str]:
    """The years that an answer can be of, and what they are called; all of them first."""
    library = load_library(OUTLOOK)
    first, last = library.start.year, library.base.run.end.year
    each = [str(year) for year in range(first, last + 1)]
    return {f"{first}..{last}": " and ".join(each), **dict(zip(each, each, strict=True))}


def question_draft() -> Draft:
    """The what-if on which the app opens."""
    key, label = _declared()["opens_with"]
    choice = next(one for one in choices() if one.key == key)
    labels = [option.label for option in choice.options]
    return choose(Draft(OUTLOOK), key, labels.index(label))


def can_choose(draft: Draft) -> bool:
    """Whether the choices can be laid over what a what-if starts from."""
    return draft.start == OUTLOOK and "run" not in draft.data


def is_chosen(draft: Draft) -> bool:
    """Whether a what-if says nothing but what the choices hold."""
    rest = draft
    for choice in choices():
        if choice.chosen(draft):
            rest = choice.with_option(rest, choice.usual)
    return can_choose(draft) and not rest.changed


def choose(draft: Draft, key: str, number: int) -> Draft:
    """A what-if with an option of a choice.

    Args:
        draft: The what-if.
        key: Which choice.
        number: Number of the option.
    """
    choice = next(one for one in choices() if one.key == key)
    changed = choice.with_option(draft, choice.options[number])
    # a title that somebody has given stays
    if draft.data.get("title", summary(draft)) == summary(draft):
        changed = changed.with_(title=summary(changed))
    return changed


def summary(draft: Draft) -> str | None:
    """What is chosen in words, the title of a what-if that has none of its own."""
    return sentence_case(", ".join(_phrases(draft))) or None


def _phrases(draft: Draft) -> list[str]:
    options = (choice.chosen(draft) for choice in choices())
    return [option.phrase for option in options if option and option.phrase]


def question(draft: Draft) -> str:
    """The question that a what-if asks, by what is chosen or else by its title."""
    phrases = _phrases(draft)
    asked = f"“{draft.title}”"
    if is_chosen(draft):
        if not phrases:
            return "What would change Channel crossings?"
        asked = f"{listing(phrases)} from {load_library(OUTLOOK).start:%B %Y}"
    return f"What would {asked} do to Channel crossings?"


def groups(draft: Draft) -> list[dict[str, object]]:
    """The choices as the page shows them: groups of radio buttons, each with what is chosen."""
    shown: list[dict[str, object]] = []
    for choice in choices():
        chosen = choice.chosen(draft)
        amount = chosen.amount if chosen else ""
        items = []
        for label in dict.fromkeys(option.label for option in choice.options):
            alike = [one for one in choice.options if one.label == label]
            option = next((one for one in alike if one.amount == amount), alike[0])
            items.append(_item(choice, option, label, chosen is not None and label == chosen.label))
        shown.append(
            {
                "key": choice.key,
                "legend": choice.legend,
                "hint": choice.hint,
                "items": items,
                "meaning": chosen.meaning if chosen else "Set among the other levers.",
                "amounts": _amounts(choice, chosen),
            }
        )
    return shown


def _amounts(choice: LeverChoice, chosen: Option | None) -> list[dict[str, object]]:
    if chosen is None or not chosen.amount:
        return []
    alike = sorted(
        (one for one in choice.options if one.label == chosen.label),
        key=lambda one: sum(one.strengths.values()),
    )
    return [_item(choice, one, one.amount, one == chosen) for one in alike]


def _item(choice: LeverChoice, option: Option, label: str, on: bool) -> dict[str, object]:
    number = list(choice.options).index(option)
    return {"label": label, "option": number, "on": on, "meaning": option.meaning}


def _is_of(lever: LibraryLever, entry: Entry) -> bool:
    """Whether an entry of a scenario is of a lever, at whatever strength and on whatever days."""
    return _fixed(entry, lever) == _fixed(lever.keys, lever)


def _fixed(keys: Mapping[str, Any], lever: LibraryLever) -> dict[str, object]:
    own = {key: value for key, value in keys.items() if key not in (*_FREE, lever.varies)}
    return {**own, "between": sorted(own["between"])} if "between" in own else own


def _strength(lever: LibraryLever, entry: Entry) -> float | None:
    """The strength at which an entry sets a lever; None on other days."""
    try:
        return lever.strength_of(LEVER_OF[lever.section].model_validate(dict(entry)))
    except ValidationError:
        return None
