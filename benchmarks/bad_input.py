"""Is anything a user may write used, or refused in one line?

    uv run --group dev python benchmarks/bad_input.py [--cases N] [--first SEED] [--simulated SHARE]

Tries N files (50,000): scenarios drawn after the schema, mutated or with bytes flipped, chains of
files that extend each other, and tables of a user's own as CSV, .ods and .xlsx. Each case comes
from a seed of its own, so that one that fails can be had again: --cases 1 --first SEED. Prints how
many were used and how many refused for what; ends with exit code 1 if any case gave a traceback,
or was refused in words that name neither key nor line.
"""

# ruff: noqa: E402 (the folder of the project comes before what lies in it)
from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from tests.trust.trying import Tally, try_many

#: the commonest reasons of a refusal that are shown
SHOWN = 15


def print_tally(tally: Tally, seconds: float) -> None:
    """The table of counts."""
    refused: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for (kind, why), count in tally.refused.items():
        refused[kind] += count
        reasons[why] += count
    print(f"{'kind of file':28} {'tried':>8} {'used':>8} {'refused':>8}")
    for kind in sorted({*tally.accepted, *refused}):
        used, not_used = tally.accepted[kind], refused[kind]
        print(f"{kind:28} {used + not_used:8,} {used:8,} {not_used:8,}")
    print(f"{'all':28} {tally.tried:8,} {tally.accepted.total():8,} {refused.total():8,}")
    print(f"\n{'refused because':46} {'files':>6}")
    for why, count in reasons.most_common(SHOWN):
        print(f"{why:46} {count:6,}")
    rest = reasons.total() - sum(count for _, count in reasons.most_common(SHOWN))
    print(f"{f'{max(0, len(reasons) - SHOWN)} other reasons':46} {rest:6,}")
    print(f"\nused and simulated as well   {tally.simulated:,}")
    print(f"all cases                    {seconds:.0f} s ({time.process_time():.0f} s at work)")
    print(f"neither used nor refused     {len(tally.wrong):,}")


def main() -> int:
    """Try, and tell."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--cases", type=int, default=50_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--simulated", type=float, default=0.002)
    options = parser.parse_args()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        tally = try_many(
            options.cases, Path(folder), first=options.first, simulated=options.simulated
        )
    print_tally(tally, time.perf_counter() - began)
    for line in tally.wrong[:20]:
        print(line)
    return 1 if tally.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
