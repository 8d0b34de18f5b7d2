"""Whoever mistypes a word is told which one is meant; whoever writes another gets the list."""

from __future__ import annotations

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.cli import cli
from simulation.errors import closest, listed
from simulation.outcomes import OUTCOMES
from simulation.parameters import load_parameters
from simulation.scenario import shipped_scenarios
from simulation.scenario.levels import LEVEL_WORDS
from simulation.scenario.levers.registry import LEVERS
from simulation.scenario.schema import ScenarioFile
from tests.trust.scenario_cases import names

WORDS = {
    "section": tuple(ScenarioFile.model_fields),
    "key": tuple({f.alias or k for lever in LEVERS for k, f in lever.model_fields.items()}),
    "run": ("start", "end", "warm_up_days"),
    "level": LEVEL_WORDS,
    "place": tuple(names().places),
    "leg": tuple(names().legs),
    "route": names().routes,
    "origin": names().origins,
    "scenario": tuple(shipped_scenarios()),
    "command": tuple(cli.list_commands(click.Context(cli))),
    "option": ("--replications", "--assumptions", "--scale", "--seed", "--days", "--out"),
    "outcome": tuple(OUTCOMES),
    "parameter": tuple(load_parameters().values()),
}
#: what people type, by kind of word -> (typed, meant); a table of slips, not of what is easy
SLIPS = {
    "section": {
        "shairng": "sharing", "Sharing": "sharing", "sharings": "sharing", "fundng": "funding",
        "staf": "staff", "operations": "operation", "raids": "raid", "visas": "visa",
        "return": "returns", "legal-route": "legal_route", "legal route": "legal_route",
        "legalroute": "legal_route", "waves": "wave", "boat": "boats", "frieght": "freight",
        "sharing_defaults": "sharing_default", "adaption": "adaptation", "entires": "entries",
        "parameter": "parameters", "extend": "extends", "tilte": "title",
        "descripton": "description",
    },
    "key": {
        "lvel": "level", "levle": "level", "levels": "level", "form": "from", "From": "from",
        "autority": "authority", "authorty": "authority", "benificiary": "beneficiary",
        "ammount": "amount", "amout": "amount", "spend-on": "spend_on", "spendon": "spend_on",
        "betwen": "between", "oneway": "one_way", "one-way": "one_way", "rampdays": "ramp_days",
        "fidelty": "fidelity", "covarage": "coverage", "lek": "leak",
        "leg": "legs", "strenght": "strength", "arests": "arrests",
        "people_per_yr": "people_per_year", "delay": "delay_days", "third-party": "third_party",
    },
    "run": {"strat": "start", "start_date": "start", "edn": "end", "end_date": "end",
            "warmup_days": "warm_up_days", "warm_up": "warm_up_days"},
    "level": {"hgih": "high", "hihg": "high", "meduim": "medium", "med": "medium", "noen": "none",
              "Full": "full", "ful": "full", "lwo": "low", "HIGH": "high"},
    "place": {"subottica": "subotica", "Calais": "calais", "dunkrik": "dunkirk", "gravelinse":
              "gravelines", "velika kladusa": "velika-kladusa", "Belgrad": "belgrade", "brusels":
              "brussels", "zagreb ": "zagreb", "lubljana": "ljubljana",
              "tesaloniki": "thessaloniki"},
    "route": {"balkans": "balkan", "central med": "central_med", "eastern-land": "eastern_land",
              "centralmed": "central_med", "resident ": "resident"},
    "origin": {"afganistan": "afghanistan", "albanai": "albania", "Vietnam": "vietnam",
               "viet nam": "vietnam", "syira": "syria", "horn of africa": "horn_of_africa",
               "south-asia": "south_asia"},
    "scenario": {"basline": "baseline", "baseline.": "baseline", "histori": "history",
                 "full_sharing": "full-sharing", "Baseline": "baseline"},
    "command": {"comparre": "compare", "scenari": "scenario", "sensitivty":
                "sensitivity", "reuslts": "results", "paramaters": "parameters", "back-test":
                "backtest", "docter": "doctor"},
    "option": {"--replication": "--replications", "--asumptions": "--assumptions", "--rep":
               "--replications", "--day": "--days"},
    "outcome": {"channel_arrival": "channel_arrivals", "chanel_arrivals": "channel_arrivals",
                "channel-deaths": "channel_deaths", "smuggler_profit": "smuggler_profit_eur"},
    "parameter": {"chanel.launch_cost": "channel.launch_cost",
                  "channel.launch_costs": "channel.launch_cost",
                  "policy.return_effect": "policy.returns_effect", "sea.persistance":
                  "sea.persistence"},
}  # fmt: skip
#: words that are like none of the known ones, though some letters agree
OTHERS = {
    "section": ("police", "budget", "policy", "frontex", "ministers", "smugglers"),
    "key": ("country", "money", "month", "year", "who", "fromage", "tolerance", "ministry"),
    "run": ("begin", "finish", "length", "year", "days", "stop", "first"),
    "level": ("strong", "total", "max", "half", "some", "yes", "all"),
    "place": ("london", "madrid", "balkans", "warsaw", "kabul", "bristol", "ostend", "rotterdam",
              "border", "coast"),
    "leg": ("foo>dover:boat", "london>paris:rail", "tunnel", "calais", "kabul>edirne:foot"),
    "route": ("western", "atlantic", "sea", "channel", "canaries", "land"),
    "origin": ("sudan", "eritrea", "india", "china", "kurdistan", "france", "europe"),
    "scenario": ("my-question", "greece", "deals", "uk", "test", "policy"),
    "command": ("simulate", "plot", "start", "delete", "help me"),
    "option": ("--verbose", "--runs", "--output-format", "--gpu"),
    "outcome": ("arrivals_by_plane", "cost", "asylum_claims", "gdp"),
    "parameter": ("channel.foo", "enforcement.rain", "enforcement.something", "money",
                  "sharing.much"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "typed", "meant"),
    [(kind, typed, meant) for kind, slips in SLIPS.items() for typed, meant in slips.items()],
)
def test_a_slip_is_told_what_was_meant(kind, typed, meant):
    assert closest(typed, WORDS[kind]) == meant


@pytest.mark.parametrize(
    ("kind", "typed"), [(kind, word) for kind, words in OTHERS.items() for word in words]
)
def test_another_word_is_no_slip(kind, typed):
    assert closest(typed, WORDS[kind]) is None


def test_the_words_of_the_model_are_not_taken_for_each_other():
    """No known word of one kind, typed where another kind is asked for, gives a wild guess."""
    for kind, other in (("route", "place"), ("level", "key"), ("run", "level"), ("place", "level")):
        for word in WORDS[kind]:
            assert closest(word, set(WORDS[other]) - {word}) in (None, "low", "end"), word


@given(st.text(max_size=30), st.sampled_from(sorted(WORDS)))
def test_whatever_is_typed_a_known_word_or_nothing_is_meant(typed, kind):
    assert closest(typed, WORDS[kind]) in {*WORDS[kind], None}


def test_a_list_is_whole_or_says_how_many_follow():
    assert listed(["a", "b"]) == "a, b"
    assert listed(WORDS["place"]) == ", ".join(WORDS["place"])
    text = listed(WORDS["leg"])
    assert len(text) < 1_300
    shown, rest = text.split(" and ")
    assert len(shown.split(", ")) + int(rest.split()[0]) == len(WORDS["leg"])
