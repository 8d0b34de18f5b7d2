"""What the pages say of levers: links and keys in `docs/scenarios.md`, parts in the ODD.

    python -m simulation.scenario.levers.pages docs

writes both again from the registry. A lever that has no section yet gets one.
"""

from __future__ import annotations

import inspect
import re
import sys
import textwrap
from collections.abc import Iterable
from pathlib import Path

from simulation.errors import InputError
from simulation.parameters import load_parameters
from simulation.scenario.levels import LEVEL_WORDS
from simulation.scenario.levers.base import Lever, Timed
from simulation.scenario.levers.controls import Control, controls_of
from simulation.scenario.levers.registry import LEVER_OF, LEVERS, PARTS

#: what is shown for the keys that every lever in force for a time has
_COMMON = "every lever"
_KEYS = re.compile(r"(<!-- keys: ([\w ]+) -->\n\n)(?:\|.*\n)*")
_LINKS = re.compile(r"(- \[Levers\]\(#levers\)[^\n]*\n)(?: +(?:- )?\[.*\n)+")
_AFTER_LEVERS = "\n## What smugglers may do in response\n"
_WIDTH = 108
_POLICY = re.compile(r"(<!-- fields: PolicyDay -->\n\n)(?:\|.*\n)*")
_ADAPTATION = ("`adaptation`", "`adaptation`", "which responses are switched on")


def keys_table(section: str) -> str:
    """The keys of a lever and what they mean, as a table in Markdown.

    Keys that every lever in force for a time has are in a table of their own, and only there.

    Args:
        section: The section of a lever, or "every lever" for the keys that all have.
    """
    if section == _COMMON:
        kind: type[Lever] = next(one for one in LEVERS if issubclass(one, Timed))
        names = list(Timed.model_fields)
    else:
        kind = LEVER_OF[section]
        common = Timed.model_fields if issubclass(kind, Timed) else ("name", "announced", "signed")
        names = [name for name in kind.model_fields if name not in common]
    controls = {control.key: control for control in controls_of(kind)}
    fields = {kind.model_fields[name].alias or name: kind.model_fields[name] for name in names}
    rows = [
        (f"`{key}`", _meaning(controls.get(key), field.description or "", field.default))
        for key, field in fields.items()
    ]
    return _table(("key", "meaning"), rows)


def policy_table() -> str:
    """The parts of the policy of a day, the levers that set them, and what they do."""
    rows = []
    for part in PARTS:
        set_by = part.set_by or ", ".join(f"`{section}`" for section in part.sections)
        rows.append((f"`{part.name}`", set_by, part.does))
    return _table(("part", "set by the lever", "what it does"), [*rows, _ADAPTATION])


def with_keys(page: str) -> str:
    """A page with a section for each lever, their links, and their tables of keys as they are now.

    Tables stand behind `<!-- keys: ... -->`. The text of a section that is there stays as it is.
    """
    end = len(page)
    for kind in reversed(LEVERS):
        heading = page.rfind(f"\n### {kind.section}\n", 0, end)
        if heading < 0:
            end = min(end, page.find(_AFTER_LEVERS))
            page = page[:end] + _new_section(kind) + page[end:]
        else:
            end = heading
    links = ", ".join(f"[{kind.section}](#{kind.section})" for kind in LEVERS)
    listed = textwrap.fill(
        links, _WIDTH, initial_indent="  - ", subsequent_indent="    ", break_long_words=False
    )
    page = _LINKS.sub(lambda match: f"{match[1]}{listed}\n", page)
    return _KEYS.sub(lambda match: match[1] + keys_table(match[2]), page)


def _new_section(kind: type[Lever]) -> str:
    """The section of a lever to begin with: what it is, its table, and its example."""
    what = " ".join((inspect.getdoc(kind) or "").split("\n\n")[0].split())
    return (
        f"\n### {kind.section}\n\n{textwrap.fill(what, _WIDTH)}\n\n"
        f"<!-- keys: {kind.section} -->\n\n\n```toml part\n{kind.example()}\n```\n"
    )


def with_policy(page: str) -> str:
    """A page with the table of the policy of a day as it is now."""
    return _POLICY.sub(lambda match: match[1] + policy_table(), page)


def _meaning(control: Control | None, description: str, default: object) -> str:
    """What a key means: the words that can be chosen, and the description of the field."""
    text = description[:1].lower() + description[1:].rstrip(".")
    names = load_parameters().values()
    text = re.sub(
        r"\b[a-z]+\.[a-z_]+\b", lambda at: f"`{at[0]}`" if at[0] in names else at[0], text
    )
    if control is None:
        return text
    if control.what == "level":
        return f"{', '.join(f'`{word}`' for word in LEVEL_WORDS)}, or a number from 0 to 1"
    if control.what == "money":
        return f"`{{ GBP = ... }}` or `{{ EUR = ... }}`: {text}"
    if control.words:
        usual = {default: " (unless said otherwise)"}
        words = [f"`{word}`{usual.get(word, '')}" for word in control.words]
        return f"{', '.join(words)}: {text}"
    return text


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return "".join(f"{line}\n" for line in (*lines, *(f"| {' | '.join(row)} |" for row in rows)))


def main(folder: Path) -> None:
    """Write the tables in the pages of a folder.

    Args:
        folder: The folder `docs` of a checkout.

    Raises:
        InputError: It holds no such pages.
    """
    for name, renewed in (("scenarios.md", with_keys), ("ODD.md", with_policy)):
        page = folder / name
        if not page.is_file():
            raise InputError("is not there", file=page, allowed="the folder docs of a checkout")
        text = page.read_text(encoding="utf-8")
        page.write_text(renewed(text), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
