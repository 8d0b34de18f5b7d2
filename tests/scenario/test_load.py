"""Laying files over each other, and the limits of a file; junk in one is in `tests/trust`."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from simulation.scenario import load_scenario

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
    sources = (child.source_of("sharing", index) for index in range(2))
    assert [(Path(file).name, index) for file, index in sources] == [
        ("parent.toml", 1), ("mine.toml", 0),
    ]  # fmt: skip


def test_an_inherited_lever_outside_the_run_is_left_out(write, load):
    old = SHARING.format("low") + "to = 2022-05-31\n"
    write(old + SHARING.format("high") + "from = 2024-06-01\n", name="parent")
    early = load(write('extends = "parent"', run="2022-01-01 2022-12-31"))
    late = load(write('extends = "parent"', run="2024-01-01 2024-12-31"))
    assert [lever.level for lever in early.sharing] == ["low"]
    assert [lever.level for lever in late.sharing] == ["high"]
    assert late.source_of("sharing", 0)[1] == 1


def test_an_inherited_lever_that_ends_in_the_warm_up_counts(write, load):
    write(SHARING.format("low") + "to = 2022-12-01\n", name="parent")
    assert len(load(write('extends = "parent"')).sharing) == 1


def test_a_lever_outside_the_run_stays_in_its_own_file_and_is_left_out_of_others(write, load):
    early = SHARING.format("low") + 'to = 2021-06-01\nname = "early"\n'
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


def test_the_hash_ignores_the_words_and_nothing_else(write, load):
    text = SHARING.format("low")
    one = load(write(text))
    other = write(text, name="other")
    other.write_text(other.read_text().replace('"Mine"', '"Other"\ndescription = "x"'))
    assert load(other).title == "Other"
    assert load(other).hash() == one.hash()
    assert load(write(SHARING.format("high"))).hash() != one.hash()
    assert load(write(text, run="2023-01-01 2024-12-30")).hash() != one.hash()


def test_what_a_scenario_extends_is_had_over_its_own_days(tmp_path):
    file = tmp_path / "ahead.toml"
    file.write_text(
        'title = "Ahead"\nextends = "baseline"\ndrop = ["uk-serbia-2025"]\n'
        "[run]\nstart = 2025-01-01\nend = 2026-12-31\n",
        encoding="utf-8",
    )
    scenario = load_scenario(file)
    parent = scenario.parent_on_its_days
    assert parent.run == scenario.run
    assert parent.title == scenario.parent.title
    names = {lever.name for lever in parent.sharing} - {lever.name for lever in scenario.sharing}
    # a policy of 2025, which the baseline leaves out as its own days end in 2024
    assert names == {"uk-serbia-2025"}
    whatif = load_scenario("outlook-freeze")
    assert whatif.parent_on_its_days == whatif.parent
