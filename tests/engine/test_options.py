"""Which scenarios can be compared, and what is proposed."""

from datetime import date

import pytest

from simulation.engine.options import check_together
from simulation.errors import InputError
from simulation.scenario import load_scenario

# -- scenarios that cannot be compared -------------------------------------------------------------

AS_ABSENT = {"start": date(2025, 1, 1), "end": date(2028, 12, 31)}


@pytest.mark.parametrize(("base", "other", "proposed"), [
    ("baseline", "outlook-adverts", "outlook"),
    ("baseline", "agreements-as-signed", "agreements-absent"),
    ("baseline", "outlook", None),
])  # fmt: skip
def test_scenarios_of_other_days_are_refused_and_a_partner_is_proposed(base, other, proposed):
    with pytest.raises(InputError) as error:
        check_together([load_scenario(base), load_scenario(other)])
    assert error.value.key == "run.start"
    named = [name for name in ("outlook", "agreements-absent") if f'"{name}"' in str(error.value)]
    assert named == ([] if proposed is None else [proposed])


def test_no_scenario_with_other_policies_is_proposed_for_its_days():
    outlook = load_scenario("outlook")
    with pytest.raises(InputError) as error:
        check_together([outlook, outlook.with_(run=AS_ABSENT)])
    assert "agreements-absent" not in str(error.value)
    assert "[run]" in str(error.value)


def test_scenarios_read_from_elsewhere_are_kept_under_their_numbers(comparison):
    """So two files of one name, from two folders, do not lie on each other."""
    folder = comparison("out").folder / "scenarios"
    assert sorted(path.name[:2] for path in folder.iterdir()) == ["0-", "1-"]
