from __future__ import annotations

import numpy as np
import pytest

from simulation.corridor import DESTINATIONS, load_origins
from simulation.corridor.tables import DATA
from simulation.errors import InputError

ORIGINS = load_origins()


def test_no_nationality_is_counted_twice():
    codes = [code for codes in ORIGINS.nationalities.values() for code in codes]
    assert len(codes) == len(set(codes))
    assert all(len(code) == 3 for code in codes)
    assert ORIGINS.nationalities["other"] == ()


@pytest.mark.parametrize(("year", "origin", "share"), [
    (2022, "syria", 0.55), (2022, "afghanistan", 0.16), (2023, "syria", 0.74),
    (2023, "turkey", 0.09), (2024, "syria", 0.33), (2024, "turkey", 0.29),
    (2022, "visa_free_serbia", 0.116),
])  # fmt: skip
def test_balkan_mix_agrees_with_what_frontex_published(year, origin, share):
    mix = ORIGINS.mix["balkan", year]
    part = mix[ORIGINS.origins.index(origin)]
    if year >= 2023:  # the table holds those whom Serbia's visas kept away; Frontex does not
        part /= 1 - mix[ORIGINS.origins.index("visa_free_serbia")] + 0.012
    assert part == pytest.approx(share, abs=0.006)


@pytest.mark.parametrize("year", [2021, 2022, 2023, 2024])
def test_a_small_part_of_balkan_entrants_intend_the_uk(year):
    uk = DESTINATIONS.index("uk")
    intends = np.array([ORIGINS.destination_mix[origin][uk] for origin in ORIGINS.origins])
    assert 0.05 < ORIGINS.mix["balkan", year] @ intends < 0.11


@pytest.mark.parametrize(("year", "nearest"), [(2030, 2024), (2019, 2021), (2022, 2022)])
def test_year_outside_the_table_takes_the_nearest(year, nearest):
    assert np.array_equal(ORIGINS.mix_in("air", year), ORIGINS.mix["air", nearest])


def test_a_new_entry_of_the_balkan_route_needs_a_column_of_its_own(edit):
    places = (DATA / "places.csv").read_text(encoding="utf-8").splitlines()
    header = (DATA / "entry_places.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
    # columns stand in the order of the places: right after the last of them, the new one comes last
    last = next(line for line in places if line.startswith(f"{header[-1]},"))
    folder = edit("places.csv", last, f"{last}\nnew-entry,New,GR,entry,27,36.8,balkan,")
    with pytest.raises(InputError, match="new-entry") as caught:
        load_origins(folder)
    assert "entry_places.csv" in str(caught.value)
    table = folder / "entry_places.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    lines = [lines[0] + ",new-entry", *(f"{line},0" for line in lines[1:])]
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert load_origins(folder).entry_places == (*header[1:], "new-entry")


def test_shares_of_every_group_sum_to_1():
    assert set(ORIGINS.destination_mix) == set(ORIGINS.entry_mix) == set(ORIGINS.origins)
    for mix in (ORIGINS.mix, ORIGINS.destination_mix, ORIGINS.entry_mix):
        for key, shares in mix.items():
            assert shares.min() >= 0, key
            assert shares.sum() == pytest.approx(1.0, abs=1e-6), key
