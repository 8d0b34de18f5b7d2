"""Every number that is printed: possible, quoted as it may be, and with no false digits."""

from __future__ import annotations

import itertools
import math
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from simulation.engine.findings import Effect, ExperimentFindings
from simulation.engine.world_design import Worlds
from simulation.outcomes import OUTCOMES
from simulation.report import blocks, html, markdown, terminal
from simulation.report.comparison_charts import percent_dot
from simulation.report.drawing import Chart, dots
from simulation.report.experiment import Presentation, effect_cell
from simulation.statistics.finding import Finding
from simulation.studies.paired_effects import effect, measure
from simulation.wording import differences as wording
from simulation.wording import quoting, verdicts
from simulation.wording.quoting import RANGE_ONLY

NUMBER = re.compile(r"[+-]?\d[\d,]*(?:\.\d+)?")
#: values of runs: of any size, nothing, losses, and none at all
VALUES = st.one_of(
    st.floats(-1e12, 1e12), st.integers(0, 40).map(float), st.floats(1e-9, 1e-3),
    st.sampled_from([0.0, math.nan]),
)  # fmt: skip
PAIRS = st.integers(1, 26).flatmap(
    lambda pairs: st.tuples(
        arrays(np.float64, pairs, elements=VALUES), arrays(np.float64, pairs, elements=VALUES)
    )
)


def numbers(text: str) -> list[float]:
    return [float(number.replace(",", "")) for number in NUMBER.findall(text)]


def entry(**more: Any) -> Effect:
    values = {
        "pairs": 24, "baseline": 1000.0, "scenario": 900.0, "mean_difference": -100.0,
        "mean_low": -150.0, "mean_high": -50.0, "detectable": True, **more,
    }  # fmt: skip
    return Effect.model_validate(values)


def worlds(pairs: int) -> Worlds:
    """Sets of two seeds each, as a comparison crosses them."""
    return Worlds([n // 2 for n in range(pairs)], [None] * pairs)


@pytest.mark.slow
@example((np.array([7e-214, 0.0, 7e-214]), np.array([0.0, math.nan, 1.0])), "channel_arrivals")
@given(PAIRS, st.sampled_from(list(OUTCOMES)))
@settings(max_examples=300)
def test_nothing_is_printed_that_cannot_be(pairs, outcome):
    both = (np.reshape(side, (-1, 1)) for side in pairs)
    one = effect(measure(*both, worlds(len(pairs[0])), [outcome]), (0,), outcome)
    middle, inside = quoting.difference(outcome, one), quoting.interval(outcome, one)
    said = [
        middle,
        inside,
        quoting.plausible(outcome, one),
        quoting.median(outcome, one),
        wording.change(outcome, one, 0.9),
        quoting.whole(outcome, one),
        verdicts.phrase(outcome, one),
    ]
    for text in said:
        assert all(
            float(percent) >= -100.0
            for percent in re.findall(r"(-?[\d.]+)%", text.replace(",", ""))
        )
    if " to " in inside and middle and middle != quoting.NO_VALUE:
        low, high = numbers(inside)
        assert low <= numbers(middle)[0] <= high
    if outcome in RANGE_ONLY:
        assert middle == quoting.median(outcome, one) == ""
        assert not any(
            "%" in text.replace("90% interval", "").replace("5-95%", "") for text in said
        )
        assert one.mean_percent is None
        # nothing, or both ends
        assert len(numbers(inside)) in (0, 2) or inside.startswith("same in all")


@given(
    st.floats(-1e9, 1e9), st.floats(1e-6, 1e9), st.sampled_from(["channel_boats", "mapped_share"])
)
def test_ends_and_middle_have_the_digits_that_the_interval_supports(mean, half, outcome):
    one = entry(mean_difference=mean, mean_low=mean - half, mean_high=mean + half)
    low, high = numbers(quoting.interval(outcome, one)) if half > 1e-9 * abs(mean) else (0.0, 0.0)
    if low == high:
        return
    (middle,) = numbers(quoting.difference(outcome, one))
    assert low <= middle <= high
    # an interval that leaves out zero does not seem to hold it, at what three decimals show
    if abs(mean) - half > 0.001:
        assert low > 0.0 or high < 0.0


@pytest.mark.parametrize(("interval", "most", "decimals"), [
    ((-20.0, -8.3), 1, 1), ((-43.0, 19.0), 1, 0), ((-13_400.0, -5_500.0), 0, -2),
    ((-0.4, 0.2), 3, 2), ((5.0, 5.0), 1, 1), (None, 1, 1),
])  # fmt: skip
def test_the_second_digit_of_the_half_width_is_the_last(interval, most, decimals):
    assert quoting.supported(interval, most) == decimals


@pytest.mark.parametrize(("ends", "text"), [
    ((-15.79, -0.05), "-16 to -0.1"), ((0.4, 174.7), "+0.4 to +175"), ((-15.79, 0.05), "-16 to 0"),
    ((-13_400.0, -5_511.0), "-13,400 to -5,500"), ((-0.04, 0.02), "-0.04 to +0.02"),
])  # fmt: skip
def test_ends_have_the_digits_that_the_interval_supports_and_none_reads_as_nothing(ends, text):
    low, high = ends
    one = entry(mean_difference=(low + high) / 2.0, mean_low=low, mean_high=high)
    assert quoting.interval("channel_boats", one) == text


def test_a_median_without_a_range_has_the_digits_of_the_interval_of_the_mean():
    """Eight pairs that are half a point apart do not tell a hundredth."""
    mean = {"mean_percent": 0.01, "mean_percent_low": -0.46, "mean_percent_high": 0.48}
    assert quoting.median("channel_arrivals", entry(median=-0.0052, **mean)) == "0.0%"
    assert quoting.median("channel_arrivals", entry(median=-1.27, **mean)) == "-1.3%"


@pytest.mark.parametrize(("percent", "people", "beside"), [
    (-3.0, -400.0, "-400"), (1.8, 400.0, "+400"),
    # pairs with many people weigh more in the one than in the other
    (1.8, -400.0, ""), (-1.8, 400.0, ""), (1.8, 0.0, ""), (None, -400.0, ""),
])  # fmt: skip
def test_no_amount_stands_beside_a_percentage_of_the_other_sign(percent, people, beside):
    one = entry(
        mean_percent=percent,
        mean_difference=people,
        **{"mean_low": people - 900.0, "mean_high": people + 900.0},
    )
    assert quoting.amount_beside("channel_arrivals", one) == beside
    assert quoting.whole_amount_beside("channel_arrivals", one).startswith(beside)
    assert bool(quoting.whole_amount_beside("channel_arrivals", one)) == bool(beside)


def test_a_level_is_a_median_with_its_range_and_of_deaths_the_range():
    assert quoting.level("channel_arrivals", 66_123.0, 61_234.0, 72_345.0) == (
        "66,100 (61,200 to 72,300)"
    )
    assert quoting.level("mapped_share", 0.106, None, None) == "10.6%"
    assert quoting.level("channel_deaths", 37.0, 3.0, 311.0) == "3 to 310"
    assert quoting.level("channel_deaths", 37.0, None, None) == quoting.NOT_QUOTED


# -- a study that nobody has thought of yet --------------------------------------------------------


class Novelty(Finding):
    """What a careless study keeps of an outcome."""

    mean: float
    effect: Effect
    by_year: dict[str, float]


class NewFindings(ExperimentFindings):
    """Findings of a new study."""

    outcomes: dict[str, Novelty]


#: numbers that would be seen anywhere
MEAN, MIDDLE, YEAR = 7177.25, -3133.5, 4744.75


def new_page(findings: NewFindings) -> list[blocks.Block]:
    """All that a careless page could print of deaths: by the builders, and by hand."""
    parts: list[blocks.Block] = []
    for name, one in findings.outcomes.items():
        text = " ".join(wording.effect_lines("Effect", name, one.effect, findings))
        by_hand = f"{one.mean} {one.effect.mean_difference} {one.effect.baseline} {one.by_year}"
        shown = quoting.drawn(name, [one.effect])
        header, rows = ["mean", "difference"], [[one.mean, one.effect.mean_difference]]
        parts += [
            blocks.Paragraph(f"{text} {by_hand}"),
            blocks.Table(["", "Effect"], [blocks.Row(name, [effect_cell(name, one.effect)])]),
            blocks.Figure(
                Chart(
                    name,
                    name,
                    "",
                    dots([percent_dot(name, one.effect)], x=shown.unit),
                    header,
                    rows,
                )
            ),
        ]
    return parts


@pytest.mark.parametrize("outcome", sorted(RANGE_ONLY))
def test_a_new_study_cannot_print_a_number_of_deaths(outcome, capsys):
    findings = NewFindings.model_validate({
        "kind": "new", "start": "2023-01-01", "end": "2023-12-31", "replications": 24,
        "outcomes": {
            outcome: {
                "mean": MEAN, "by_year": {"2023": YEAR},
                "effect": entry(mean_difference=MIDDLE, baseline=MEAN, scenario=YEAR,
                                mean_low=-8000.0, mean_high=1700.0, mean_percent=-43.75,
                                median=MIDDLE, plausible_low=-9000.0, plausible_high=2000.0,
                                plausible_unit="people", detectable=False).as_json(),
            },
        },
    })  # fmt: skip
    shown = Presentation(NewFindings, lambda data: new_page(data), new_page)
    parts = shown.printed(findings)
    terminal.show(parts)
    section = blocks.Section("new", "New", parts)
    page = blocks.Page(title="New", kind="New", headline=[], sections=[section])
    main = "".join(html.rendered(page)).partition("<main>")[2].partition("</main>")[0]
    texts = [capsys.readouterr().out, main, markdown.sections([section])]
    for number, decimals in itertools.product((MEAN, MIDDLE, YEAR, 43.75), (0, 1, 2)):
        assert f"{abs(number):.{decimals}f}" not in " ".join(texts).replace(",", "")
    assert "between 8,000 fewer and 1,700 more" in texts[0]


def test_findings_keep_what_is_not_deaths():
    class Both(ExperimentFindings):
        outcomes: dict[str, Effect]

    effects = {name: entry(mean_percent=-10.0) for name in ("channel_arrivals", "channel_deaths")}
    arrivals, deaths = quoting.quotable(Both(kind="new", outcomes=effects)).outcomes.values()
    assert arrivals == effects["channel_arrivals"]
    assert (deaths.mean_difference, deaths.baseline, deaths.mean_percent) == (None, None, None)
    ends = deaths.mean_low, deaths.mean_high, deaths.pairs, deaths.detectable
    assert ends == (-150.0, -50.0, 24, True)
    assert deaths.way < 0.0
