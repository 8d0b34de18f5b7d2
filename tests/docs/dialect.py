"""House words of the code: names and phrases for which the field has a plainer one."""

from __future__ import annotations

import ast
from functools import cache
from typing import NamedTuple

from tests.docs.blocks import ROOT
from tests.docs.messages import messages

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
    "told": "options or significant",
    "kept": "n_alive or fidelity",
    "pictures": "AuthorityBeliefs",
    "spot": "JournalOffset",
    "sure": "sign_probability",
    "lasting": "Timed",
    "growing": "PhasedIn",
    "take": "acquire or arrest",
}
#: names that are house words in some folders only: the market does hire helpers
ONLY_IN = {"hire": "simulation/experiments/", "bury": "simulation/experiments/"}
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


class HouseWord(NamedTuple):
    """A house word in the code.

    Attributes:
        where: Its file and line.
        kind: `module`, `class`, `function`, `field` (of a class) or `phrase` (of a message).
        name: The word as it is written.
        plainer: What to write instead.
    """

    where: str
    kind: str
    name: str
    plainer: str


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
