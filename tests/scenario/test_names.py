"""What a scenario may call things."""

import pytest

from simulation.corridor import load_corridor, load_origins
from simulation.parameters import load_parameters
from simulation.scenario.names import _ALSO, Names
from tests.refusals import refusal


@pytest.fixture(scope="module")
def names():
    return Names.of(load_corridor(), load_origins().origins, load_parameters())


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("GER", "DE"), ("DEU", "DE"), ("Germany", "DE"), ("germ", "DE"), ("GRC", "GR"),
        ("greece", "GR"), ("SRB", "RS"), ("Serbia", "RS"), ("Macedonia", "MK"), ("BOSNIA", "BA"),
        ("GBR", "UK"), ("United Kingdom", "UK"), ("rs", "RS"), ("EUROPLO", "EUROPOL"),
        ("wb", "WB6"), ("UK", "UK"), ("FRA", "FR"), ("HRV", "HR"), ("WB6", "WB6"),
        ("BALKANS", "WB6"), ("Western Balkans", "WB6"), ("EU27", "EU"), ("el", "GR"),
        ("Türkiye", "TR"), ("Turkiye", "TR"), ("Deutschland", "DE"), ("CRO", "HR"), ("KOS", "XK"),
        ("NCA", "UK-CI"), ("Border Force", "UK-BI"), ("UKCI", "UK-CI"), ("uk_ci", "UK-CI"),
        ("Servia", "RS"), ("Romenia", "RO"), ("Montengro", "ME"), ("Germny", "DE"),
        ("Bosnia-Herzegovina", "BA"), ("Frontx", "FRONTEX"), ("euro-pol", "EUROPOL"),
        ("Calais Group", "CALAIS"), ("calias", "CALAIS"), ("Great Britain", "UK"),
        ("Balkan route states", "WB6"),
    ],
)  # fmt: skip
def test_a_country_is_known_by_what_people_write_for_it(names, written, meant):
    assert names.closest_authority(written) == meant


@pytest.mark.parametrize("written", [
    "", " ", "XQ", "NL", "Netherlands", "PL", "Poland", "POL", "ES", "Spain", "SVK", "Slovakia",
    "UKR", "Ukraine", "Moldova", "Iraq", "Vietnam", "Ireland", "Cyprus", "Malta", "Czechia", "CZ",
    "USA", "Interpol HQ", "police", "smugglers", "Kent", "Dover", "everybody", "all", "none",
    "Nordics", "Visegrad", "G7", "NATO", "x" * 10_000,
])  # fmt: skip
def test_a_word_for_nobody_on_the_corridor_gives_no_guess(names, written):
    assert names.closest_authority(written) is None


def test_every_other_name_is_of_one_authority_and_of_none_that_is_known(names):
    words = [word for words in _ALSO.values() for word in words]
    assert len(words) == len(set(words))
    assert set(_ALSO) <= set(names.authorities)
    assert not set(words) & {code.lower() for code in names.authorities}


def test_a_group_nothing_is_like_gets_the_list_at_the_command_line(crossings, tmp_path):
    (tmp_path / "mine.toml").write_text(
        'title = "x"\nextends = "baseline"\n[[sharing]]\nbetween = ["UK", "NORDICS"]\n'
        'level = "high"\n'
    )
    line = refusal(
        crossings("scenario", "check", "mine.toml"),
        'mine.toml:4: sharing[0].between[1] = "NORDICS"', "WB6", "RS (Serbia)",
    )  # fmt: skip
    assert "did you mean" not in line
