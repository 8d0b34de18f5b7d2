"""Laying files over each other, and any junk a file may hold."""

from __future__ import annotations

import time
from datetime import date

import pytest
import tomli_w
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulation.errors import InputError
from simulation.scenario import load_scenario, parse_scenario, shipped_scenarios
from simulation.scenario.levers.registry import SECTIONS
from simulation.scenario.policy import Levers
from simulation.scenario.schema import TABLES, ScenarioFile
from tests.scenario.conftest import CODES, ORIGINS, PLACES

SHARING = '[[sharing]]\nbetween = ["RS", "MK"]\nlevel = "{}"\n'


def test_levers_are_added_to_the_parents_and_tables_merged(write, load):
    parent = SHARING.format("low") + "[adaptation]\nroute = false\n[entries]\nbalkan = 0.5"
    write(parent, name="parent")
    text = 'extends = "parent"\n' + SHARING.format("high") + "[adaptation]\nprice = false"
    child = load(write(text, run=""))
    assert [lever.level for lever in child.sharing] == ["low", "high"]
    assert (child.adaptation.route, child.adaptation.price) == (False, False)
    assert child.entries == {"balkan": 0.5}
    assert child.run.start == date(2023, 1, 1)
    assert child.slug == "mine"


def test_part_of_the_run_may_be_inherited(write, load, tmp_path):
    write("", name="parent")
    path = tmp_path / "mine.toml"
    path.write_text('title = "x"\nextends = "parent"\nrun = { end = 2023-06-30, warm_up_days = 9 }')
    run = load(path).run
    assert (run.start, run.end, run.warm_up_days) == (date(2023, 1, 1), date(2023, 6, 30), 9)


def test_clear_forgets_the_parents_before_the_childs_are_added(write, load):
    write(SHARING.format("low") + "[entries]\nbalkan = 0.5\nair = 2", name="parent")
    clear = 'extends = "parent"\nclear = ["sharing", "entries"]\n'
    child = load(write(clear + SHARING.format("high") + "[entries]\nair = 3"))
    assert [lever.level for lever in child.sharing] == ["high"]
    assert child.entries == {"air": 3}


def test_drop_forgets_one_lever_and_frees_its_name(write, load):
    parent = SHARING.format("low") + 'name = "a"\n' + SHARING.format("medium") + 'name = "b"\n'
    write(parent, name="parent")
    text = 'extends = "parent"\ndrop = ["a"]\n' + SHARING.format("full") + 'name = "a"'
    levers = [(lever.name, lever.level) for lever in load(write(text)).sharing]
    assert levers == [("b", "medium"), ("a", "full")]


def test_the_source_of_a_lever_is_known(write, load):
    write(SHARING.format("low") + 'name = "a"\n' + SHARING.format("medium"), name="parent")
    child = load(write('extends = "parent"\ndrop = ["a"]\n' + SHARING.format("full")))
    sources = [child.source_of("sharing", index) for index in range(2)]
    found = [(file.split("/")[-1], index) for file, index in sources]
    assert found == [("parent.toml", 1), ("mine.toml", 0)]


def test_an_inherited_lever_outside_the_run_is_left_out(write, load):
    old = SHARING.format("low") + "to = 2023-05-31\n"
    write(old + SHARING.format("high") + "from = 2024-06-01\n", name="parent")
    early = load(write('extends = "parent"', run="2023-01-01 2023-12-31"))
    late = load(write('extends = "parent"', run="2024-01-01 2024-12-31"))
    assert [lever.level for lever in early.sharing] == ["low"]
    assert [lever.level for lever in late.sharing] == ["high"]
    assert late.source_of("sharing", 0)[1] == 1


def test_a_lever_that_ends_in_the_warm_up_counts(write, load):
    text = SHARING.format("low") + "to = 2022-12-01\n"
    assert len(load(write(text)).sharing) == 1


def test_a_lever_outside_the_run_stays_in_its_own_file_and_is_left_out_of_others(write, load):
    early = SHARING.format("low") + 'to = 2022-06-01\nname = "early"\n'
    own = load(write(early + SHARING.format("high"), name="parent"))
    assert [lever.level for lever in own.sharing] == ["low", "high"]
    assert not own.left_out
    child = load(write('extends = "parent"'))
    assert [lever.level for lever in child.sharing] == ["high"]
    (left,) = child.left_out
    assert (left.lever.name, left.file.split("/")[-1], left.place) == ("early", "parent.toml", 0)


def test_a_file_called_baseline_may_extend_the_shipped_baseline(tmp_path):
    path = tmp_path / "baseline.toml"
    path.write_text('title = "Mine"\nextends = "baseline"')
    scenario = load_scenario(path)
    assert scenario.hash() == load_scenario("baseline").hash()
    assert scenario.parent.title == load_scenario("baseline").title


def test_the_file_beside_comes_before_the_shipped_one(tmp_path):
    (tmp_path / "baseline.toml").write_text(
        'title = "Own"\nrun = { start = 2023-01-01, end = 2023-01-02 }'
    )
    (tmp_path / "mine.toml").write_text('title = "Mine"\nextends = "baseline"')
    assert load_scenario(tmp_path / "mine.toml").run.end == date(2023, 1, 2)


def test_a_parent_may_lie_in_a_folder_below(write, load, tmp_path):
    (tmp_path / "more").mkdir()
    write("").rename(tmp_path / "more" / "base.toml")
    assert load(write('extends = "more/base.toml"', run="")).run.end == date(2024, 12, 31)


def test_the_hash_ignores_the_words_and_nothing_else(write, load):
    text = SHARING.format("low")
    one = load(write(text))
    other = write(text, name="other")
    other.write_text(other.read_text().replace('"Mine"', '"Other"\ndescription = "x"'))
    assert load(other).title == "Other"
    assert load(other).hash() == one.hash()
    assert load(write(SHARING.format("high"))).hash() != one.hash()
    assert load(write(text, run="2023-01-01 2024-12-30")).hash() != one.hash()


def test_resolved_toml_gives_the_scenario_again(write, load, tmp_path):
    write(SHARING.format("low") + "ramp_days = 5\nfrom = 2023-02-03\n", name="parent")
    text = (
        'extends = "parent"\n'
        + SHARING.format("0.3").replace('"0.3"', "0.3")
        + '[[funding]]\nauthority = "UK"\namount = { GBP = 5 }\nspend_on = { analysis = 1 }\n'
        '[parameters]\n"policy.gbp_eur" = 1.2\n'
        '[[operation]]\nauthority = "RS"\nkind = "arrests"\nplaces = ["subotica"]\nstrength = 2\n'
    )
    scenario = load(write(text))
    path = tmp_path / "resolved.toml"
    path.write_text(scenario.resolved_toml())
    again = load(path)
    assert again.hash() == scenario.hash()
    assert again.model_dump() == scenario.model_dump()


def test_a_scenario_cannot_be_changed(write, load):
    scenario = load(write(""))
    with pytest.raises(ValueError, match="frozen"):
        scenario.title = "x"


def test_sections_and_tables_are_all_the_schema_has():
    others = {"title", "description", "extends", "clear", "drop", "run"}
    assert set(ScenarioFile.model_fields) == {*SECTIONS, *TABLES, *others}


NAMES = [*CODES, "UK", "EPC", "WB6", "EU"]
IDS = [place[0] for place in PLACES]
WORDS = ["low", "high", "mine", "baseline", "patrol", "arrests", "year", "calais>dover:road"]
KEYS = [
    *("between", "level", "from", "to", "authority", "kind", "places", "legs", "strength"),
    *("amount", "GBP", "EUR", "spend_on", "per", "origins", "partner", "name", "start", "end"),
    *("warm_up_days", "ramp_days", "route", "balkan", "policy.gbp_eur", "leak", "effect"),
    *("on", "arrests", "boats", "stages", "people_per_year", "add", "change", "beneficiary"),
    "one_way",
]


def load_or_refuse(path, corridor):
    try:
        return load_scenario(path, corridor, ORIGINS)
    except InputError as error:
        return error


words = st.sampled_from(["", *WORDS, *NAMES, *ORIGINS, *IDS])
scalars = st.one_of(
    words, st.text(max_size=5), st.booleans(), st.integers(-(10**30), 10**30), st.floats(),
    st.dates(), st.datetimes(), st.times(),
)  # fmt: skip
keys = st.sampled_from([*ScenarioFile.model_fields, *KEYS, "", "é\n"])
junk = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.dictionaries(keys, junk, max_size=6), sound=st.booleans())
def test_junk_is_a_scenario_or_an_input_error(corridor, parameters, tmp_path, data, sound):
    if sound:
        data |= {"title": "x", "run": {"start": date(2023, 1, 1), "end": date(2023, 3, 1)}}
        data.pop("extends", None)
    path = tmp_path / "mine.toml"
    path.write_text(tomli_w.dumps(data), encoding="utf-8")
    found = load_or_refuse(path, corridor)
    if isinstance(found, InputError):
        assert "\n" not in str(found)
        # what is shipped names authorities this small corridor does not have
        parents = "scenarios/" if data.get("extends") in list(shipped_scenarios()) else "mine.toml"
        assert "mine.toml" in str(found) or parents in str(found)
    else:
        Levers(found, corridor, parameters, ORIGINS).on(date(2023, 1, 1))
        assert found.resolved_toml()


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(content=st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_bytes_are_a_scenario_or_an_input_error(corridor, tmp_path, content):
    path = tmp_path / "mine.toml"
    path.write_bytes(content)
    with pytest.raises(InputError, match="mine"):
        load_scenario(path, corridor, ORIGINS)


authorities = st.sampled_from(NAMES)
places = st.lists(st.sampled_from(IDS), max_size=2)
origins = st.lists(st.sampled_from(ORIGINS), max_size=2)
DAYS = st.dates(date(2022, 6, 1), date(2023, 6, 1))
LEVERS = {
    "sharing": (
        {"between": st.lists(authorities, min_size=2, max_size=2)},
        {"level": st.sampled_from(["none", "low", "full"]) | st.floats(0, 1),
         "leak": st.floats(0, 1), "one_way": st.booleans()},
    ),
    "staff": ({"authority": authorities, "kind": st.sampled_from(["analysis", "checkpoint"])},
     {"change": st.floats(0, 5), "add": st.floats(-50, 50)}),
    "operation": (
        {"authority": authorities, "strength": st.floats(0.1, 9)},
        {"places": places, "kind": st.sampled_from(["patrol", "arrests", "boat_supply"])},
    ),
    "visa": ({"authority": authorities, "origins": origins}, {"effect": st.floats(0, 1)}),
    "returns": ({"partner": st.sampled_from(ORIGINS)}, {"effect": st.floats(0, 1)}),
    "legal_route": ({"origins": origins, "people_per_year": st.floats(0, 1e5)}, {}),
    "wave": (
        {"origins": origins, "route": st.sampled_from(["balkan", "air", "sea"])},
        {"people_per_year": st.floats(0, 1e5)},
    ),
    "raid": (
        {"authority": authorities, "arrests": st.integers(-1, 50)},
        {
            "on": DAYS,
            "boats": st.integers(-1, 50),
            "places": places,
            "stages": st.lists(st.sampled_from(["centre", "boat", "supply"]), max_size=2),
        },
    ),
    "boats": ({"from": DAYS}, {"size": st.floats(0, 2)}),
    "freight": ({"from": DAYS}, {"search": st.floats(0, 2)}),
    "funding": (
        {
            "authority": authorities,
            "amount": st.just({"GBP": 1e6}),
            "spend_on": st.just({"analysis": 0.5, "boat_supply": 0.5}),
        },
        {"beneficiary": authorities, "per": st.sampled_from(["year", "once"])},
    ),
}  # fmt: skip
WHEN = {"from": DAYS, "to": DAYS, "ramp_days": st.integers(0, 100)}


@st.composite
def nearly_good(draw):
    section = draw(st.sampled_from(sorted(LEVERS)))
    required, optional = LEVERS[section]
    when = {} if section == "raid" else {key: WHEN[key] for key in WHEN if key not in required}
    return section, draw(st.fixed_dictionaries(required, optional={**optional, **when}))


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(levers=st.lists(nearly_good(), max_size=2), day=st.dates(date(2022, 6, 1), date(2023, 6, 1)))
def test_nearly_good_levers_are_used_or_refused(corridor, parameters, tmp_path, levers, day):
    data = {"title": "x", "run": {"start": date(2023, 1, 1), "end": date(2023, 3, 1)}}
    for section, lever in levers:
        data.setdefault(section, []).append(lever)
    path = tmp_path / "mine.toml"
    path.write_text(tomli_w.dumps(data), encoding="utf-8")
    found = load_or_refuse(path, corridor)
    if isinstance(found, InputError):
        assert "\n" not in str(found)
        return
    policy = Levers(found, corridor, parameters, ORIGINS).on(day)
    shares = (policy.sharing.coverage, policy.entry_factor, policy.returns_factor)
    for least, values in ((0.5, policy.sharing.fidelity), *((0.0, share) for share in shares)):
        assert ((values >= least) & (values <= 1)).all()
    assert all((units >= 0).all() for units in policy.staff.values())
    assert (policy.patrol_surge > 0).all()
    assert all(lever.in_words() for section in SECTIONS for lever in getattr(found, section))
    path.write_text(found.resolved_toml(), encoding="utf-8")
    assert load_scenario(path, corridor, ORIGINS).hash() == found.hash()


def test_what_a_scenario_extends_is_had_over_its_own_days(tmp_path):
    file = tmp_path / "ahead.toml"
    file.write_text(
        'title = "Ahead"\nextends = "baseline"\ndrop = ["uk-serbia-2025"]\n'
        "[run]\nstart = 2025-01-01\nend = 2026-12-31\n",
        encoding="utf-8",
    )
    scenario = load_scenario(file)
    there = scenario.parent_on_its_days
    assert scenario.parent is not None
    assert there is not None
    assert there.run == scenario.run
    assert there.title == scenario.parent.title
    names = {lever.name for lever in there.sharing} - {lever.name for lever in scenario.sharing}
    # a policy of 2025, which the baseline leaves out as its own days end in 2024
    assert names == {"uk-serbia-2025"}
    whatif = load_scenario("outlook-freeze")
    assert whatif.parent_on_its_days == whatif.parent


# -- limits ----------------------------------------------------------------------------------------

HEAD = b'title = "x"\nextends = "baseline"\n'


@pytest.mark.parametrize("name", sorted(shipped_scenarios()))
def test_what_is_shipped_is_read(name):
    scenario = load_scenario(name)
    found = parse_scenario(scenario.resolved_toml(), "sent.toml")
    assert found.hash() == scenario.hash()


@pytest.mark.parametrize("text", [
    b'description = """' + b"v.e.r.y. " * 200 + b'"""\n',
    b"description = '''" + b"a.b.c" * 200 + b"'''\n",
    b'description = "' + b'a.\\"b.' * 200 + b'"\n',
    b"description = '" + b"a." * 200 + b"'\n",
    b"# " + b"a." * 200 + b"\n",
])  # fmt: skip
def test_full_stops_in_texts_are_no_parts(text):
    assert parse_scenario(HEAD + text, "sent.toml").title == "x"


@pytest.mark.parametrize("text", [
    b"a" + b".a" * 400_000 + b" = 1\n",
    b"[a" + b" . a" * 200_000 + b"]\n",
    b"[[a" + b".a" * 400_000 + b"]]\n",
    b'"a b"' + b'."a b"' * 150_000 + b" = 1\n",
    b"''" + b".''" * 300_000 + b" = 1\n",
    b"a = {b" + b".b" * 400_000 + b" = 1}\n",
    b'a = "\\"" \nb' + b".b" * 400_000 + b" = 1\n",
    b"x = 1\n" * 100_000,
    b'"' + b'\\"' * 490_000,
    b'"""' * 300_000,
    b"'" * 900_000,
    b"a" * 900_000,
    b"a " * 450_000,
    b"a.a.a " * 150_000,
    b"a = " + b"[" * 900_000,
    b"x" * 1_000_001,
    b"\xff" * 900_000,
])  # fmt: skip
def test_what_would_wear_the_server_out_is_refused_at_once(text):
    began = time.monotonic()
    with pytest.raises(InputError, match=r"^sent\.toml"):
        parse_scenario(HEAD + text, "sent.toml")
    assert time.monotonic() - began < 3.0


def test_as_many_levers_as_may_be_take_little_time():
    lever = b'[[sharing]]\nbetween=["UK","FR"]\nlevel="high"\n'
    began = time.monotonic()
    parse_scenario(HEAD + lever * 1_600, "sent.toml")
    assert time.monotonic() - began < 5.0
