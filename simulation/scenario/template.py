"""The commented file that `crossings scenario new` writes, made from the levers of the registry."""

from __future__ import annotations

import textwrap

from simulation.scenario.levers.base import OneDay, PhasedIn
from simulation.scenario.levers.registry import GROUPS, LEVERS

_HEAD = """\
# A scenario of crossings. Lines that begin with # are remarks or examples: take away the # to use
# an example. What is not written here is as in the scenario it extends.
#
#   crossings scenario check FILE    is everything in it right?
#   crossings scenario show FILE     what does it change, in words?
#   crossings compare FILE           what does it do, against the scenario it extends?

title = "My scenario"
description = "What is asked, and where the numbers come from."
extends = "outlook"           # a shipped scenario, or a file beside this one

# clear = ["operation"]       # forget all levers of these sections of the parent
# drop = ["serbian-operation-2026"]   # forget these levers of the parent, by name

# [run]
# start = 2026-07-01
# end = 2028-12-31
# warm_up_days = 365          # days before the start, to fill the corridor

"""
_TAIL = """\
# ---- What smugglers can do in response (all true unless said otherwise) ---------------------

# [adaptation]
# route = false
# price = false
# load = false
# recruitment = false
# going_dark = false
# beliefs = false

# ---- What if fewer or more come, or an assumption is wrong? ---------------------------------

# [future]                    # the months after the data, if the run goes on so long
# path = "spread"             # every run draws its own; or "central", "low", "high"
# draw = 7                    # with spread: every run takes the future of this seed

# [weather]                   # days with arrivals by sea, in place of those of the climate
# 2024-01 = 8

# [entries]
# balkan = 0.8                # times the people entering: balkan, central_med, eastern_land,
#                             # iberia, air, resident

# [parameters]
# "policy.returns_effect" = 0.2

# [margin]                    # the largest change that does not matter to you, for the verdict
# channel_arrivals = 0.05
"""
_LINE = 98
#: letters of a heading of the template
_HEADING = 95


def template() -> str:
    """The template: its head, every lever in its group, and the other tables of a scenario."""
    parts = [_HEAD]
    for group, levers in GROUPS.items():
        heading = f"# ---- {group.heading} "
        parts.append(f"{heading:-<{_HEADING}}\n{group.before.format(common=_common_keys())}\n")
        parts += [f"{lever.template}\n" for lever in levers]
        parts.append(f"{group.after}\n" if group.after else "")
    return "".join([*parts, _TAIL])


def _common_keys() -> str:
    """What every lever may have, and which levers may not."""
    text = "Every lever may have from, to, ramp_days (from nothing to all of it) and a name"
    for base, what in ((OneDay, "only the day it is on"), (PhasedIn, "no to")):
        sections = [lever.section for lever in LEVERS if issubclass(lever, base)]
        if sections:
            verb = "has" if len(sections) == 1 else "have"
            text += f"; {' and '.join(sections)} {verb} {what}"
    return textwrap.fill(f"{text}.", width=_LINE, initial_indent="# ", subsequent_indent="# ")


TEMPLATE = template()
