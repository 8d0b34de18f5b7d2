"""Values nobody should write: of the wrong type, at an edge, steering a terminal, or markup.

All that is drawn comes from a `random.Random`, so that Hypothesis can shrink a case and a seed can
repeat one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

MARKUP = (
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "</title><h1>x</h1>",
    "javascript:alert(1)",
    "{{constructor.constructor('alert(1)')()}}",
    "$(touch injected)",
    "`touch injected`; touch injected",
    "${style} $plotly $$ %s {0}",
    "]]><!--",
)
ODD_TEXTS = (
    "", " ", "\n", "\t", "\0", "\x1b[31mred", "\u202egnirts", "\u200b", "\ufeff", "é", "ß", "İ",
    "中文", "🚤", "e\u0301", "nan", "inf", "-0", "1e999", "true", "null", "None", "../..",
    "/etc/passwd", "C:\\x", "a" * 61, "b" * 201, "x" * 5000, "\u2028", "\x85", "١٢", "\uff10",
)  # fmt: skip
ODD_NUMBERS = (
    math.inf, -math.inf, math.nan, -0.0, 0, 1, -1, 0.5, 1.0000001, 1e-320, 1e308, -1e308, 2**31,
    2**53 + 1, 2**63, -(2**63) - 1, 10**30, 10**400, 3650, 3651, 100_000, 100_001, 1e12, 1000.0,
)  # fmt: skip
ODD_DAYS = (
    date(1, 1, 1), date(1700, 1, 1), date(2017, 12, 31), date(2018, 1, 1), date(2024, 2, 29),
    date(2050, 12, 31), date(2051, 1, 1), date(9999, 12, 31),
)  # fmt: skip


def anything(r: Random, depth: int = 2) -> Any:
    """A value of any type TOML knows."""
    kinds = (
        lambda: r.choice(ODD_NUMBERS),
        lambda: r.choice(ODD_TEXTS),
        lambda: r.choice(MARKUP),
        lambda: r.choice(ODD_DAYS),
        lambda: r.choice((True, False)),
        lambda: r.choice((datetime(2023, 1, 1, 12), time(1, 2, 3), -(10 ** r.randrange(1, 40)))),
        lambda: text(r),
        lambda: [anything(r, depth - 1) for _ in range(r.randrange(4))],
        lambda: {text(r): anything(r, depth - 1) for _ in range(r.randrange(3))},
    )
    return kinds[r.randrange(9 if depth else 7)]()


def text(r: Random) -> str:
    """A short text of letters from all over Unicode, but no half characters."""
    codes = (r.choice((r.randrange(128), r.randrange(0xD800))) for _ in range(r.randrange(9)))
    return "".join(map(chr, codes))


def day(r: Random) -> date:
    """A day near those a scenario names."""
    return date(2022, 6, 1) + timedelta(days=r.randrange(1100))


def near_miss(r: Random, word: str) -> str:
    """A word with one letter more, less, doubled, changed, or in another case."""
    if not word:
        return "x"
    at = r.randrange(len(word))
    return r.choice((
        word[:at] + word[at + 1 :],
        word[:at] + word[at] + word[at:],
        word[:at] + r.choice("aeinrst_- .é") + word[at + 1 :],
        word.upper(),
        word + " ",
        word + "s",
    ))  # fmt: skip


def spoilt(r: Random, content: bytes, most: int = 6) -> bytes:
    """Bytes of which some are flipped, taken out, put in, doubled, or cut off."""
    data = bytearray(content)
    for _ in range(1 + r.randrange(most)):
        if not data:
            break
        at = r.randrange(len(data))
        kind = r.randrange(6)
        if kind == 0:
            data[at] ^= 1 << r.randrange(8)
        elif kind == 1:
            data[at] = r.randrange(256)
        elif kind == 2:
            del data[at : at + 1 + r.randrange(20)]
        elif kind == 3:
            data[at:at] = bytes(r.randrange(256) for _ in range(1 + r.randrange(4)))
        elif kind == 4:
            data[at:at] = data[at : at + r.randrange(60)]
        else:
            del data[max(at, len(data) // 2) :]
    return bytes(data)


def some(r: Random, items: Sequence[Any]) -> list[Any]:
    """A few of some items, seldom none, seldom one twice."""
    return [r.choice(items) for _ in range(r.choice((1, 1, 1, 2, 2, 3, 0)))]
