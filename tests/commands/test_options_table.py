"""Several scenarios in one table: what each costs, which is the best, and what ranks them."""

from __future__ import annotations

from contextlib import chdir

import pytest

from simulation.engine.result_folder import read_findings
from simulation.parameters import load_parameters
from simulation.report.comparison_answer import options_table
from simulation.studies.compare import ComparisonFindings
from tests import synthetic
from tests.comparing import OTHER
from tests.every_kind import call, stood_in
from tests.refusals import nothing_written, refusal

FUNDING = """
[[funding]]
authority = "UK"
amount = {{ GBP = {pounds} }}
per = "year"
spend_on = {{ investigation = 1.0 }}
to = 2023-01-31
"""
SCENARIOS = ("small.toml", "dear.toml", "cheap.toml", "free.toml")


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    """A comparison of a dear, a cheap and a free scenario; the free one has the same arrivals."""
    folder = tmp_path_factory.mktemp("options")
    dear = OTHER.replace("Nothing shared", "Dear") + FUNDING.format(pounds=9_000_000)
    cheap = OTHER.replace("Nothing shared", "Cheap") + FUNDING.format(pounds=1_000_000)
    free = 'title = "Free"\nextends = "small.toml"\n[adaptation]\nprice = false\n'
    texts = {"small": synthetic.SCENARIO, "dear": dear, "cheap": cheap, "free": free}
    for name, text in texts.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")

    def compare(*arguments):
        with chdir(folder), stood_in():
            call("compare", *SCENARIOS, "--replications", "24", "--out", "here", *arguments)
        findings = read_findings(folder / "here", ComparisonFindings)
        return {one.title: one for one in findings.scenarios}, findings

    return compare


@pytest.fixture(scope="module")
def options(compared):
    """The effects of each by its title, ranked by arrivals."""
    return compared()[0]


@pytest.mark.slow
def test_cost_is_what_funding_adds_within_the_days(options):
    pounds = load_parameters().policy.gbp_eur * 1_000_000 * 31 / 365.25
    assert options["Cheap"].cost_eur == pytest.approx(pounds)
    assert options["Dear"].cost_eur == pytest.approx(9 * pounds)
    assert options["Free"].cost_eur == 0.0


@pytest.mark.slow
def test_a_person_fewer_costs_a_range_only_where_arrivals_clearly_fall(options):
    low, high = options["Cheap"].cost_per_person
    assert 0.0 < low < high
    assert options["Dear"].cost_per_person == pytest.approx([9 * low, 9 * high])
    assert options["Free"].cost_per_person == []


@pytest.mark.slow
def test_the_uk_total_is_boats_and_lorries(options):
    one = options["Cheap"]
    parts = (one.effect(name).mean_difference for name in ("channel_arrivals", "lorry_arrivals"))
    assert one.effect("uk_total").mean_difference == pytest.approx(sum(parts))


@pytest.mark.slow
def test_the_probability_of_being_best_is_shared_by_what_is_equal(options):
    assert options["Cheap"].probability_best == options["Dear"].probability_best
    assert 0.4 < options["Cheap"].probability_best <= 0.5
    assert options["Free"].probability_best < 0.1


@pytest.mark.slow
def test_the_best_comes_first_by_what_is_named(compared, options):
    assert [options[name].place for name in ("Cheap", "Dear", "Free")] == [1, 2, 3]
    _, findings = compared("--rank", "cost")
    table = options_table(findings.scenarios, findings.rank)
    assert [row.label for row in table.rows] == ["Free", "Cheap", "Dear"]


def test_an_unknown_rank_is_refused(crossings, tmp_path):
    with nothing_written(tmp_path):
        refusal(crossings("compare", "full-sharing", "--rank", "luck"), "luck", "channel_deaths")
