"""One rule for deaths: it stands on every page that guides a reader; every headline keeps it."""

from __future__ import annotations

import re

import pytest

from simulation.app.comparison import estimate_of
from simulation.engine.findings import Effect, Header
from simulation.outcomes import OUTCOMES
from simulation.report import markdown
from simulation.report.experiment import limits
from simulation.statistics.sensitivity_indices import ElementaryEffect, Screening
from simulation.studies.agreements import words as agreement_wording
from simulation.studies.agreements.findings import AgreementEffect
from simulation.studies.compare import ComparisonFindings
from simulation.studies.design_points import VariedAssumption
from simulation.studies.sensitivity import OutcomeSensitivity, SensitivityFindings
from simulation.studies.sweep import words as sweep_wording
from simulation.studies.sweep.findings import SweepFindings
from simulation.wording import differences as wording
from simulation.wording import sensitivity as sensitivity_wording
from simulation.wording.quoting import RANGE_ONLY
from tests.docs.blocks import ROOT
from tests.reading import unwrapped
from tests.studies.agreements.test_words import pair, study

#: where a reader is told how to speak of deaths
PAGES = (
    "README.md", "docs/interval.md", "docs/model.md", "docs/minister.md", "docs/compare.md",
    "docs/first-what-if.md", "simulation/app/limits.vue",
)  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_the_page_says_the_rule_and_nothing_else(page):
    text = unwrapped((ROOT / page).read_text(encoding="utf-8"))
    assert wording.DEATHS_RULE in text
    for sentence in re.findall(
        r"[^.]*\b[Dd]eaths?\b[^.]*\.", text.replace(wording.DEATHS_RULE, "")
    ):
        assert not re.search(r"\b([Qq]uote|carry|[Rr]ead the direction)\b", sentence), sentence


def test_no_other_page_has_a_rule_of_its_own():
    for file in (ROOT / "docs").glob("*.md"):
        text = unwrapped(file.read_text(encoding="utf-8")).replace(wording.DEATHS_RULE, "")
        assert "number of deaths" not in text or file.name == "changelog.md", file.name


def test_the_reason_is_what_the_back_test_found():
    page = unwrapped((ROOT / "docs/validation.md").read_text(encoding="utf-8"))
    (year, seen, low, high), *more = re.findall(
        r"In (\d{4}), (\d+) observed; 90% interval of the forecast (\d+) to (\d+)\.",
        page.split("### Deaths in the Channel")[1].split("###")[0],
    )
    assert not more
    reason = unwrapped((ROOT / "docs/interval.md").read_text(encoding="utf-8"))
    assert f"For {year}, {seen} deaths were counted." in reason
    assert f"anything from {low} to {high}" in reason
    # the rule follows from this: the range holds what was counted, and is far wider than it
    assert int(low) <= int(seen) <= int(high)
    assert int(high) - int(low) > 2 * int(seen)


def test_every_page_of_results_says_the_rule():
    assert wording.DEATHS_RULE in unwrapped(markdown.sections([limits(Header())]))


# -- headlines -------------------------------------------------------------------------------------

#: numbers that no headline may show of deaths, and the ends of the range that it must show
MIDDLE, PERCENT, LOW, HIGH = -111.0, -37.5, -780.0, 560.0


def entry(outcome: str, **more):
    effect = {"pairs": 9, "baseline": 296.0, "scenario": 185.0, "mean_probability": 0.8}
    numbers = {
        "mean_difference": -4000.0, "mean_low": -5000.0, "mean_high": -3000.0,
        "mean_percent": -6.0, "mean_percent_low": -7.0, "mean_percent_high": -5.0,
        "detectable": True,
    }  # fmt: skip
    if outcome in RANGE_ONLY:
        deaths = {"mean_difference": MIDDLE, "mean_low": LOW, "mean_high": HIGH}
        numbers = {**deaths, "detectable": False}
    return Effect.model_validate({**effect, **numbers, **more})


def outcomes(**more):
    return {name: entry(name, **more if name in RANGE_ONLY else {}) for name in OUTCOMES}


SUMMARY = {
    "kind": "compare", "baseline": "B", "headline": "channel_arrivals", "coverage": 0.9,
    "start": "2023-01-01", "end": "2024-12-31", "replications": 9, "scale": 1.0, "failed": [],
    "assumptions": "records", "precision": 0.01, "precision_reached": 0.02, "reference": "R",
}  # fmt: skip


def comparison(**more) -> ComparisonFindings:
    by_period = {
        name: {"label": spec.label, "unit": spec.unit, "periods": {"run": effect}}
        for (name, spec), effect in zip(OUTCOMES.items(), outcomes(**more).values(), strict=True)
    }
    return ComparisonFindings.model_validate(
        {
            **SUMMARY,
            "scenarios": [
                {"title": "S", "identical": False, "pairs_to_settle": 40, "outcomes": by_period}
            ],
        }
    )


def compared(**more) -> str:
    findings = comparison(**more)
    return wording.headline(findings.scenarios[0], findings)


def estimated(**more) -> str:
    estimate = estimate_of(comparison(**more))
    return f"{estimate.arrivals} {estimate.deaths}"


def swept(**more) -> str:
    variable = {"vary": "v=low,high", "name": "v", "label": "V", "unit": "level", "scale": "level"}
    contrast = {
        "variable": "v", "from": "low", "to": "high", "outcomes": outcomes(**more),
        "pairs_to_settle": None,
    }  # fmt: skip
    point = {"number": 1, "name": "v=low", "file": "", "identical": False, "values": {"v": "low"}}
    findings = SweepFindings.model_validate({
        **SUMMARY, "scenario": "S", "as_it_stands": True, "seeds": [],
        "variables": [{**variable, "values": ["low", "high"]}],
        "effects": [], "contrasts": [contrast], "points": [{**point, "outcomes": outcomes()}],
    })  # fmt: skip
    return " ".join(sweep_wording.headline(findings))


def agreed(**more) -> str:
    effects = {
        name: AgreementEffect.model_validate(effect.as_json())
        for name, effect in outcomes(**more).items()
    }
    return " ".join(agreement_wording.headline(study([pair(0, effects, effects)])))


HEADLINES = {
    "compare": compared, "the app's estimate": estimated, "sweep": swept, "agreements": agreed,
}  # fmt: skip


@pytest.mark.parametrize("words", HEADLINES.values(), ids=HEADLINES.keys())
def test_a_headline_names_the_range_of_deaths_and_no_single_number(words):
    text = words()
    assert "eaths" in text
    assert f"{LOW:+.0f} to {HIGH:+.0f}" in text or "780 fewer and 560 more" in text
    assert not re.search(f"{abs(MIDDLE):.0f}|{abs(PERCENT):.1f}", text)
    # of one pair of runs there is no range, and so nothing to quote
    single = words(mean_low=None, mean_high=None, mean_percent_low=None, mean_percent_high=None)
    assert f"{abs(MIDDLE):.0f}" not in single


@pytest.mark.parametrize("words", [compared, swept, estimated], ids=["compare", "sweep", "app"])
def test_a_headline_says_whether_deaths_have_a_direction(words):
    assert "too few to tell" in words().split("eaths", 1)[1]
    sure = words(mean_low=-200.0, mean_high=-20.0, detectable=True)
    assert "20 to 200 fewer" in sure
    assert "too few to tell" not in sure


def test_a_sensitivity_analysis_says_what_deaths_depend_on_and_no_number_of_them():
    name = "channel.death_base"
    effect = ElementaryEffect(record=name, mu_star=111.0, significant=True)
    entry = OutcomeSensitivity(difference=MIDDLE, screening=Screening(effects=[effect]))
    record = VariedAssumption(
        value=1.0, unit="", low=0.0, high=2.0, drives="The risk.", confidence="assumption"
    )
    findings = SensitivityFindings.model_construct(
        records={name: record}, outcomes={"channel_deaths": entry}
    )
    text = sensitivity_wording.depends_on(findings, "channel_deaths")
    assert name in text
    assert "111" not in text
