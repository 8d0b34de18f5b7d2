"""Whatever a study of agreements finds, its words, tables and figures agree about it."""

from __future__ import annotations

import io
import re

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from simulation.commands.agreement_tables import print_agreements
from simulation.experiments.studies.agreement_study import JUDGED
from simulation.outcomes import OUTCOMES
from simulation.report.agreement_charts import matrix, ranked
from simulation.report.agreements import ranked_table
from simulation.wording import agreement_verdicts as verdicts
from simulation.wording.agreements import deadly, headline, sets_sentence

BY = "channel_arrivals"
#: more than a table shows unasked
MOST = verdicts.SHOWN + 4


def entry(mean: float, half: float | None) -> dict:
    """A difference as a study writes it down; without an interval where there are too few pairs."""
    low, high = (None, None) if half is None else (mean - half, mean + half)
    return {
        "pairs": 2 if half is None else 16,
        "baseline": 1000.0,
        "scenario": 1000.0 + mean,
        "difference": mean,
        "low": low,
        "high": high,
        "percent": mean / 10.0,
        "percent_low": None if half is None else low / 10.0,
        "percent_high": None if half is None else high / 10.0,
        "probability": None if half is None else 0.9,
        "detectable": half is not None and (low > 0.0 or high < 0.0),
        "pairs_to_settle": 40,
    }


entries = st.builds(
    entry,
    st.integers(-300, 300).map(float),
    st.one_of(st.none(), st.integers(1, 400).map(float)),
)
effects = st.fixed_dictionaries(dict.fromkeys(JUDGED, entries))


@st.composite
def summaries(draw) -> dict:
    """A study of some agreements: ranked by their means, the best of the screening refined."""
    count = draw(st.integers(1, MOST))
    better = draw(st.sampled_from(["lower", "higher"]))
    screened = draw(st.lists(effects, min_size=count, max_size=count))
    refined = draw(st.lists(effects, min_size=0, max_size=count))
    way = 1.0 if better == "lower" else -1.0
    fresh = sorted(refined, key=lambda effect: way * effect[BY]["difference"])
    pairs = [
        {
            "key": f"A{number}-B",
            "name": f"Place {number} and B",
            "first": f"A{number}",
            "second": "B",
            "before": "low",
            "status": "raised",
            "rank": number + 1,
            "screening": screened[number],
            "refined": fresh[number] if number < len(fresh) else None,
        }
        for number in range(count)
    ]
    sets = []
    for number in range(draw(st.integers(0, 3))):
        total, added = draw(effects), draw(effects)
        if number == 0 and fresh:  # the agreement that leads, as it is judged in the ranking
            total = added = fresh[0]
        sets.append(
            {
                "size": number + 1,
                "added_key": f"A{number}-B",
                "added_name": f"Place {number} and B",
                "total": total,
                # of the first set what it adds is all of it
                "buys": verdicts.helps((added if number else total)[BY], better),
            }
        )
    buying = [s["size"] for s in sets if s["buys"] and verdicts.helps(s["total"][BY], better)]
    return {
        "kind": "agreements",
        "baseline": "Base",
        "coverage": 0.9,
        "headline": BY,
        "better": better,
        "outcomes": list(JUDGED),
        "raised_to": "high",
        "parties": {"B": "B"} | {f"A{number}": f"Place {number}" for number in range(count)},
        "pairs": pairs,
        "ranking": [pair["key"] for pair in pairs],
        "looks": {"screening": count, "refined": len(fresh)},
        "seeds_of": {"screening": [1, 2], "refined": [3, 4] if fresh else []},
        "failed": [],
        "sets": sets,
        "candidates": [],
        "sets_exhausted": draw(st.booleans()),
        "flat_after": max(buying, default=0) if sets else None,
        "best_set": [],
        "best_set_command": None,
        "start": "2023-01-01",
        "end": "2023-12-31",
        "replications": 16,
        "scale": 1.0,
        "assumptions": "records",
    }


def terminal(summary) -> str:
    text = io.StringIO()
    print_agreements(summary, Console(file=text, width=240))
    return text.getvalue()


def rows_that_say_yes(summary) -> set[str]:
    """The agreements that the terminal's table calls detectable."""
    return {
        match[1].strip()
        for match in re.finditer(r"^ ?\d+ (Place \d+ and B) +low +yes ", terminal(summary), re.M)
    }


def bold(summary, outcome) -> set[str]:
    """The agreements that the page's table has bold in the column of an outcome."""
    column = list(JUDGED).index(outcome)
    found = set()
    for name, cells in re.findall(
        r'<th scope="row">\d+\. (Place \d+ and B)<small>.*?</th>(.*?)</tr>', ranked_table(summary)
    ):
        if "<b>" in cells.split("<td>")[1:][column]:
            found.add(name)
    return found


@given(summaries())
@settings(max_examples=30, deadline=None)
def test_the_headline_has_a_detectable_effect_exactly_where_the_tables_have_one(summary):
    first = headline(summary)[0]
    label = OUTCOMES[BY].label.lower()[:10]
    none = re.match(r"No single agreement|None of .*not even by its average|.*screened only", first)
    in_terminal = rows_that_say_yes(summary)
    assert in_terminal == bold(summary, BY)
    assert bool(in_terminal) == (none is None), first
    named = {pair["name"] for pair in verdicts.helping(summary) + verdicts.harming(summary)}
    assert named == in_terminal
    assert (verdicts.verdict(summary) in ("helps", "harms")) == bool(in_terminal)
    assert label in first.lower()
    # and so do the figures
    dots = matrix(summary, BY).figure.data[-1]
    assert len(dots["x"]) == 2 * len(in_terminal)
    filled = [
        trace for trace in ranked(summary)[0].figure.data
        if trace["mode"] == "markers" and trace["name"] == "interval leaves out zero"
    ]  # fmt: skip
    assert sum(len(trace["x"]) for trace in filled) == len(in_terminal)


@given(summaries())
@settings(max_examples=30, deadline=None)
def test_the_headline_names_what_has_most_of_the_effect_that_is_wanted(summary):
    first = headline(summary)[0]
    helping = verdicts.helping(summary)
    if not helping:
        assert "buys most" not in first
        return
    best = helping[0]
    assert f"raising {best['name']} from" in first
    gain = abs(best["refined"][BY]["difference"])
    assert all(abs(pair["refined"][BY]["difference"]) <= gain for pair in helping)


@given(summaries())
@settings(max_examples=30, deadline=None)
def test_no_warning_rests_on_screening_or_on_too_few_pairs(summary):
    warned = set(re.findall(r"A\d+-B", deadly(summary)))
    by_key = {pair["key"]: pair for pair in summary["pairs"]}
    for key in warned:
        entries_ = [by_key[key]["refined"][name] for name in verdicts.DEATHS]
        assert any(e["detectable"] and e["low"] is not None and e["low"] > 0 for e in entries_)
    for name in verdicts.DEATHS:
        for pair in verdicts.in_table(summary):
            seen = pair["name"] in bold(summary, name)
            if seen and pair["refined"][name]["difference"] > 0:
                assert pair["key"] in warned, "what is bold in the table is in the warning"


@given(summaries())
@settings(max_examples=30, deadline=None)
def test_the_sentence_of_sets_agrees_with_their_rows(summary):
    said = sets_sentence(summary)
    if not summary["sets"]:
        assert said == ""
        return
    helps = [verdicts.helps(s["total"][BY], summary["better"]) for s in summary["sets"]]
    assert ("none of up to" in said) == (not any(helps))
    if "one agreement buys" in said and any(pair["refined"] for pair in summary["pairs"]):
        assert verdicts.verdict(summary) == "helps", "the ranking and the sets say the same of it"
    assert ("has not flattened" in said) <= (not summary["sets_exhausted"])
    if "nothing detectable" in said:
        assert not any(s["buys"] for s in summary["sets"][summary["flat_after"] :])
