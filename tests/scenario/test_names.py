"""What a scenario may call things."""

import pytest

from simulation.corridor import load_corridor, load_origins
from simulation.parameters import load_parameters
from simulation.scenario.names import Names


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("GER", "DE"), ("DEU", "DE"), ("Germany", "DE"), ("germ", "DE"), ("GRC", "GR"),
        ("greece", "GR"), ("SRB", "RS"), ("Serbia", "RS"), ("Macedonia", "MK"), ("BOSNIA", "BA"),
        ("GBR", "UK"), ("United Kingdom", "UK"), ("rs", "RS"), ("EUROPLO", "EUROPOL"),
        ("wb", "WB6"), ("UK", "UK"), ("FRA", "FR"), ("HRV", "HR"), ("WB6", "WB6"),
        ("XQ", None), ("", None),
    ],
)  # fmt: skip
def test_a_country_is_known_by_what_people_write_for_it(written, meant):
    origins = load_origins().origins
    assert Names.of(load_corridor(), origins, load_parameters()).meant(written) == meant
