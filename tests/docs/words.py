"""How many words pages and messages have, which sentences are long, and where house words are.

House words are names and phrases of the code for which the field has a plainer one.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from typing import NamedTuple

from simulation.scenario.levers.registry import LEVER_OF
from tests.docs.blocks import PAGES, ROOT
from tests.docs.messages import messages

#: pages of reference, which are looked up and not read through
REFERENCE = frozenset({"ODD.md", "parameters.md", "validation.md"})
#: the page with a section for each lever
LEVER_PAGE = "scenarios.md"
#: words of a sentence that a reader takes in at once
LONG = 25
_WORD = re.compile(r"[^\W\d_][\w'\u2019-]*")
#: a name in the code -> what it is called elsewhere
NAMES = {
    "door": "entrypoint",
    "crew": "worker_pool",
    "hire": "spawn",
    "bury": "reap",
    "plain": "serialization",
    "warm": "precompile",
    "kinds": "field_types",
    "effects": "lever_checks",
    "surges": "lever_effects",
    "untrusted": "input_limits",
    "problems": "validation_errors",
    "mistakes": "usage_errors",
    "inbox": "report_queue",
    "desk": "report_queue",
    "deals": "contracts",
    "ways": "route_choice",
    "choice": "route_values",
    "muster": "available_operators",
    "set_terms": "update_offers",
    "let_go": "drop_finished_agents or release_detained",
    "pictures": "AuthorityBeliefs",
    "spot": "JournalOffset",
    "sure": "sign_probability",
    "lasting": "Timed",
    "growing": "PhasedIn",
    "take": "acquire or arrest",
}
#: names that are house words in some folders only: the market does hire helpers
ONLY_IN = {"hire": "simulation/studies/", "bury": "simulation/studies/"}
#: a phrase of a message -> what it says
PHRASES = {
    "interval is that of the mean over the sets": "the range is for the average over sets",
    "of which the past tells nothing": "assumptions that the data cannot inform",
    "reaches anybody within these days": "this policy had no effect on anyone in the model",
    "is drawn the wider": "thicker lines mean larger changes",
    "known where they can be arrested": "smugglers with an open case where they operate",
    "told apart from no change": "no clear change",
    "than anybody wants to start by mistake": "this is a large job; add --yes to confirm",
}


def sentences(text: str) -> list[str]:
    """The sentences of a page in Markdown, without code, tables, headings and addresses."""
    text = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"^\s*(\||#|!\[|<!--).*$", "", text, flags=re.MULTILINE)
    text = re.sub(r"\]\([^)]*\)", "]", text).replace("[", "").replace("]", "")
    text = re.sub(r"`[^`]*`", "`x`", text)
    found = []
    for paragraph in re.split(r"\n\s*\n|\n\s*(?:[-*]|\d+\.)\s", text):
        text = re.sub(r"^\s*(?:[-*]|\d+\.)\s", "", paragraph)
        plain = " ".join(text.split()).replace("*", "")
        found += [one for one in re.split(r"(?<=[.!?:;])\s+", plain) if _WORD.search(one)]
    return found


def words(text: str) -> int:
    """How many words its sentences have; a number is none."""
    return sum(len(_WORD.findall(one)) for one in sentences(text))


def long_sentences(text: str) -> list[str]:
    """Its sentences of more than `LONG` words."""
    return [one for one in sentences(text) if len(_WORD.findall(one)) > LONG]


def pages() -> dict[str, str]:
    """Name -> text of every page that is read through."""
    return {
        path.name: path.read_text(encoding="utf-8") for path in PAGES if path.name not in REFERENCE
    }


def page_words() -> dict[str, int]:
    """Words of each page that is read through, and of each section of a lever by itself.

    A lever gets its section from the registry, so that a new one does not lengthen the page. Such
    a section is named `scenarios.md: LEVER`.
    """
    counts: dict[str, int] = {}
    for name, text in pages().items():
        for part in re.split(r"^(?=##+ )", text, flags=re.MULTILINE):
            heading = part.partition("\n")[0].removeprefix("### ")
            is_lever = name == LEVER_PAGE and heading in LEVER_OF
            key = f"{name}: {heading}" if is_lever else name
            counts[key] = counts.get(key, 0) + words(part)
    return counts


def message_words() -> dict[str, int]:
    """Words of the messages of each room of `simulation/`, of each study and of each lever."""
    counts: dict[str, int] = {}
    for message in messages():
        file = message.where.partition(":")[0]
        parts = file.split("/")
        room = "/".join(parts[: 3 if parts[1] == "studies" and len(parts) > 3 else 2])
        key = file if file.startswith("simulation/scenario/levers/") else room
        counts[key] = counts.get(key, 0) + words(message.text)
    return counts


class HouseWord(NamedTuple):
    """A word of the code for which the field has a plainer one, and that one.

    `kind` is `module`, `class`, `function`, `field` (of a class) or `phrase` (of a message).
    """

    where: str
    kind: str
    name: str
    plainer: str

    def __str__(self) -> str:
        return f"{self.where}: {self.kind} {self.name} -> {self.plainer}"


@cache
def house_words() -> tuple[HouseWord, ...]:
    """Every house word in `simulation/`, file by file."""
    found: list[HouseWord] = []
    for path in sorted((ROOT / "simulation").rglob("*.py")):
        found += names_of(path.read_text(encoding="utf-8"), str(path.relative_to(ROOT)))
    for message in messages():
        text = " ".join(message.text.split())
        found += (
            HouseWord(message.where, "phrase", phrase, plainer)
            for phrase, plainer in PHRASES.items()
            if phrase in text
        )
    return tuple(found)


def names_of(code: str, file: str) -> list[HouseWord]:
    """House words among the names of a file of Python: its own, and those of what it defines."""
    stem = file.rpartition("/")[2].removesuffix(".py")
    named = [(1, "module", stem)]
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ClassDef):
            named.append((node.lineno, "class", node.name))
            named += (
                (one.lineno, "field", one.target.id)
                for one in node.body
                if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
            )
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            named.append((node.lineno, "function", node.name))
    return [
        HouseWord(f"{file}:{line}", kind, name, NAMES[word])
        for line, kind, name in sorted(named)
        if (word := name.strip("_").lower()) in NAMES and file.startswith(ONLY_IN.get(word, ""))
    ]
