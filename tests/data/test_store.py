"""Updates: what they change, what is refused, and how they are taken back."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import date

import numpy as np
import pytest

from simulation.corridor import (
    arrivals_by_origin,
    in_use,
    load_futures,
    load_indicators,
    load_observed,
)
from simulation.corridor.in_use import (
    ENVIRONMENT,
    load_vintages,
    newest,
    read_in_use,
    shipped,
)
from simulation.corridor.tables import DATA
from simulation.data.reading import CHANNEL, FRONTEX, YEARLY, Key
from simulation.data.store import prepare, take_in, undo
from simulation.data.tables import Tables, read_texts
from simulation.engine.fitted_ensembles import stale, table_identities
from simulation.errors import InputError
from simulation.model.corridor_model import simulate
from simulation.parameters.fitted import FittedEnsemble
from simulation.scenario import load_scenario
from tests.data.workbooks import detections, illegal_entry, missing_migrants, ods, small_boats, xlsx

TODAY = date(2026, 11, 27)
LATE = date(2026, 10, 1)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder of a user's tables, which does not exist yet and is the one in use."""
    path = tmp_path / "tables of a user"
    monkeypatch.setenv(ENVIRONMENT, str(path))
    monkeypatch.delenv(in_use.PINNED, raising=False)
    in_use.forget()
    yield path
    in_use.forget()


def file(tmp_path, name, data):
    path = tmp_path / name
    path.write_bytes(data)
    return path


def update(folder, *files, published=LATE):
    prepared = prepare(folder, files, published, TODAY)
    take_in(folder, prepared)
    return prepared


@pytest.fixture
def july(folder, tmp_path):
    """Detections to July 2026, which are made up and taken in."""
    path = file(tmp_path, "a.xlsx", xlsx(detections("2026-07")))
    update(folder, path)
    return path


def everything(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def months_of(series):
    months, values = load_observed().monthly(series)
    return dict(zip(months, values, strict=True))


def test_a_file_with_the_figures_in_use_changes_nothing(folder, tmp_path):
    prepared = update(folder, file(tmp_path, "a.xlsx", xlsx(detections("2026-06"))))
    assert (prepared.changes, prepared.moved) == ((), ())
    assert load_observed().yearly("wb_detections") == load_observed(DATA).yearly("wb_detections")
    assert (read_in_use(folder).folder / "entries_monthly.csv").read_text(encoding="utf-8") == (
        DATA / "entries_monthly.csv"
    ).read_text(encoding="utf-8")


def test_new_and_revised_months_are_told_and_read(folder, tmp_path):
    data = xlsx(detections("2026-08", {("eastern_med_detections", "2025-09"): 6000}))
    prepared = update(folder, file(tmp_path, "a.xlsx", data))
    by_key = {change.key: change for change in prepared.changes}
    revised = by_key[Key(FRONTEX, "2025-09", "eastern_med_detections")]
    assert (revised.old, revised.new) == ("5390", "6000")
    assert by_key[Key(FRONTEX, "2026-08", "wb_detections")].old == ""
    # a year is the sum of its months, and all routes the sum of routes
    assert by_key[Key(YEARLY, "2025", "eastern_med_detections")].new == f"{52502 + 610}"
    assert by_key[Key(FRONTEX, "2025-09", "all_routes_detections")].revised
    assert months_of("wb_detections")["2026-08"] == 1000  # made up
    assert min(prepared.moved) >= "2025-01"
    assert max(prepared.moved) <= "2026-06"
    entries = load_indicators()
    assert entries["air"].months[-1] == "2026-08"
    assert entries["balkan"].months[-1] == "2025-12"
    for route, of in load_indicators(DATA).items():
        unchanged = of.months.index("2025-01")
        now = entries[route]
        assert (now.people[:unchanged] == of.people[:unchanged]).all(), "the past does not move"
        assert (now.people[: len(of.people)] != of.people).any() or route != "balkan"


def test_a_revision_of_months_that_were_fitted_makes_the_fit_stale(folder, tmp_path):
    inputs = table_identities("2025-12", DATA)
    provenance = {"window": ["2021-01", "2025-12"], "inputs": inputs}
    ensemble = FittedEnsemble((), np.empty((1, 0)), np.ones(1), provenance, "")
    update(folder, file(tmp_path, "a.xlsx", xlsx(detections("2026-08"))))
    assert stale(ensemble) == ()
    assert table_identities("2025-12") == inputs
    revised = xlsx(detections("2026-08", {("eastern_med_detections", "2025-09"): 6000}))
    update(folder, file(tmp_path, "b.xlsx", revised), published=date(2026, 11, 1))
    in_use.forget()
    (change,) = stale(ensemble)
    assert "entries_monthly.csv" in change
    assert table_identities("2025-12") != inputs
    assert stale(ensemble, DATA) == ()


def test_a_run_after_an_update_goes_on_from_the_new_last_month(folder, tmp_path):
    shipped_models = load_futures(DATA)
    update(folder, file(tmp_path, "a.xlsx", xlsx(detections("2026-08"))))
    futures = load_futures()
    assert all(
        futures.last_month(route) == entries.months[-1]
        for route, entries in load_indicators().items()
    )
    assert futures.last_month("central_med") == "2026-08"
    for name, model in futures.models.items():
        shipped_model = shipped_models.models[name]
        assert (model.stretch, model.alpha) == (shipped_model.stretch, shipped_model.alpha)
    scenario = load_scenario("baseline").with_("later", run={"start": date(2026, 8, 20),
                                                            "end": date(2026, 9, 20)})  # fmt: skip
    assert simulate(scenario, seed=1, scale=0.02).totals["entered"] > 0


def test_an_update_reaches_every_kind_of_table(folder, tmp_path):
    files = [
        file(tmp_path, "a.ods", ods(small_boats("2025-12", {"2025-06": 30}))),
        file(tmp_path, "b.xlsx", xlsx(illegal_entry("2025 Q4"))),
        file(tmp_path, "c.csv", missing_migrants(2025).replace("03-01,2024,80,0,80",
                                                               "03-01,2024,81,0,81").encode()),
    ]  # fmt: skip
    before = load_observed().yearly("channel_arrivals")[2025]
    update(folder, *files)
    observed = load_observed()
    assert observed.yearly("channel_arrivals")[2025] == before + 30
    assert observed.yearly("channel_deaths")[2024] == 81
    attempts, stopped = (observed.yearly(f"channel_{n}")[2025] for n in ("attempts", "prevented"))
    assert attempts == before + 30 + stopped
    assert observed.yearly("prevented_share")[2025] == pytest.approx(stopped / attempts, abs=6e-4)
    # a group that was not told apart is known now, so its year is whole
    assert 2025 in arrivals_by_origin()
    assert 2025 not in arrivals_by_origin(DATA)
    assert observed.yearly_labels["channel_deaths"][2024] == "derived"


def test_the_users_own_months_stand_over_the_shipped_ones(folder, tmp_path):
    text = "month,channel_arrivals,channel_boats\n2025-11,2400,33\n2025-12,,\n2026-01,900,\n"
    update(folder, file(tmp_path, "own.csv", text.encode()), published=None)  # 2026 made up
    months = months_of("channel_arrivals")
    assert (months["2025-11"], months["2025-12"], months["2026-01"]) == (2400, 2180, 900)
    assert months_of("channel_boats")["2026-01"] != months_of("channel_boats")["2026-01"]
    last = newest(load_vintages(), CHANNEL, "channel_arrivals")
    assert (last.label, last.published) == ("own", TODAY.isoformat())


def test_a_published_file_can_follow_a_users_own_count(folder, tmp_path):
    own = file(tmp_path, "own.csv", b"month,channel_arrivals\n2025-12,2200\n")
    take_in(folder, prepare(folder, [own], None, TODAY))
    prepared = prepare(folder, [file(tmp_path, "b.ods", ods(small_boats("2025-12")))], LATE, TODAY)
    arrivals = Key(CHANNEL, "2025-12", "channel_arrivals")
    [change] = [change for change in prepared.changes if change.key == arrivals]
    assert change.old == "2200"
    assert float(change.new) == Tables(read_texts(shipped())).value(arrivals)


def test_undo_takes_back_one_update_after_the_other(folder, tmp_path):
    first = file(tmp_path, "a.xlsx", xlsx(detections("2026-07")))
    second = file(tmp_path, "b.ods", ods(small_boats("2025-12", {"2025-06": 30})))
    update(folder, first)
    one = read_in_use(folder)
    update(folder, second)
    assert read_in_use(folder) != one
    assert [source.file for source in undo(folder)] == ["b.ods"]
    assert read_in_use(folder) == one
    undo(folder)
    assert read_in_use(folder) == shipped()
    with pytest.raises(InputError, match="no update to take back"):
        undo(folder)
    update(folder, second)  # what was taken back can be taken in again
    assert read_in_use(folder).users


def tripled():
    """Detections in another unit."""
    sheets = detections("2026-07")
    for row in sheets["Detections_of_IBC"][2:-2]:
        row[3:] = [int(str(value)) * 3 for value in row[3:]]
    return sheets


@pytest.mark.parametrize(
    ("data", "published", "message"),
    [
        (xlsx(detections("2026-05")), LATE, "older than what is in use.*2026-06 or later"),
        (xlsx(detections("2026-06")), date(2026, 7, 1), "older than what is in use.*2026-08-04"),
        (xlsx(detections("2026-06")), date(2026, 12, 1), "published in the future"),
        (missing_migrants(2025).encode(), None, "does not say when it was published"),
        (missing_migrants(2025).encode(), date(2025, 12, 31), "older than what is in use"),
        (xlsx(detections("2026-07", {("wb_detections", "2023-09"): 1664})), LATE, "10 times"),
        (xlsx(tripled()), LATE, "looks like another series or unit"),
        (b"month,channel_arrivals\n2026-03,900\n", LATE, "period is missing.*2026-01"),
        (b"month,wb_detections\n2026-06,700\n2026-07,700\n", LATE, "needs all its routes"),
        (xlsx(illegal_entry("2025 Q4", revised={("2022", "albania"): -900})), LATE,
         "do not agree with the daily series"),
    ],
)  # fmt: skip
def test_what_must_not_be_taken_in_is_refused_and_nothing_is_written(
    data, published, message, folder, tmp_path
):
    name = "a.csv" if data.startswith((b"month", b"Main")) else "a.xlsx"
    with pytest.raises(InputError, match=message):
        update(folder, file(tmp_path, name, data), published=published)
    assert not folder.exists()


def test_the_same_file_is_not_taken_in_twice(july, folder, tmp_path):
    files = everything(folder)
    copied = file(tmp_path, "renamed.xlsx", july.read_bytes())
    with pytest.raises(InputError, match=r"byte for byte.*a.xlsx"):
        update(folder, copied)
    with pytest.raises(InputError, match="byte for byte"):
        update(folder, copied, copied)
    assert everything(folder) == files


def test_a_table_changed_by_hand_is_refused(july, folder):
    table = read_in_use(folder).folder / "frontex_monthly.csv"
    table.write_text(table.read_text(encoding="utf-8") + "2026-08,1,1,1,1,1,1,6\n")
    with pytest.raises(InputError, match=r"frontex_monthly.csv.*has changed"):
        load_observed()
    take_in(folder, prepare(folder, [], None, TODAY))  # writes it as it was
    assert months_of("wb_detections")["2026-07"] == 1000  # made up


def test_figures_kept_that_were_changed_by_hand_are_refused(july, folder):
    (update_file,) = folder.glob("update-*.json")
    update_file.write_text(
        update_file.read_text(encoding="utf-8").replace("804.0", "805.0"), encoding="utf-8"
    )
    with pytest.raises(InputError, match=r"update-.*has changed"):
        prepare(folder, [], None, TODAY)


def test_an_update_that_the_disk_stops_leaves_what_was_in_use(july, folder, tmp_path, monkeypatch):
    before = read_in_use(folder)
    path = file(tmp_path, "b.ods", ods(small_boats("2025-12", {"2025-06": 30})))
    prepared = prepare(folder, [path], LATE, TODAY)

    def full(*arguments):
        raise OSError(28, "No space left on device")

    for name in ("os.fsync", "os.replace"):
        with monkeypatch.context() as patch:
            patch.setattr(name, full)
            with pytest.raises(InputError, match="No space left"):
                take_in(folder, prepared)
        assert read_in_use(folder) == before, name
        assert not [*folder.rglob(".*")], name
    take_in(folder, prepare(folder, [path], LATE, TODAY))
    assert read_in_use(folder) != before


def test_figures_are_added_to_the_tables_of_another_version(july, folder, tmp_path, monkeypatch):
    """A user's later month stays; where this version has the later publication, it counts."""
    newer = tmp_path / "newer"
    shutil.copytree(DATA, newer)
    table = newer / "frontex_monthly.csv"
    text = table.read_text(encoding="utf-8")
    assert text.count("2025-12,804,") == 1
    table.write_text(text.replace("2025-12,804,", "2025-12,805,"), encoding="utf-8")
    monkeypatch.setattr("simulation.corridor.in_use.DATA", newer)
    in_use.forget()
    with pytest.raises(InputError, match=r"another version of crossings.*without a file"):
        load_observed()
    take_in(folder, prepare(folder, [], None, TODAY))
    months = months_of("wb_detections")
    assert (months["2026-07"], months["2025-12"]) == (1000, 804)  # 2026-07 made up
    vintages = newer / "vintages.csv"
    later = vintages.read_text(encoding="utf-8").replace("2026-08-04", "2026-11-01")
    vintages.write_text(later, encoding="utf-8")
    take_in(folder, prepare(folder, [], None, TODAY))
    months = months_of("wb_detections")
    assert (months["2026-07"], months["2025-12"]) == (1000, 805)


def test_a_process_and_those_it_starts_read_one_set_to_the_end(july, folder, tmp_path, monkeypatch):
    before = in_use.in_use()
    handed_on = os.environ[in_use.PINNED]
    # another process takes in more
    update(folder, file(tmp_path, "b.ods", ods(small_boats("2025-12", {"2025-06": 30}))))
    assert read_in_use(folder) != before
    monkeypatch.setenv(in_use.PINNED, handed_on)
    in_use.in_use.cache_clear()
    assert in_use.in_use() == before
    code = "from simulation.corridor.in_use import in_use; print(in_use().folder.name)"
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert child.stdout.strip() == before.folder.name


def test_two_updates_at_once_do_not_lose_each_other(folder, tmp_path):
    one = file(tmp_path, "a.xlsx", xlsx(detections("2026-07")))
    other = file(tmp_path, "b.ods", ods(small_boats("2025-12", {"2025-06": 30})))
    first, second = (prepare(folder, [path], LATE, TODAY) for path in (one, other))
    take_in(folder, first)
    files = everything(folder)
    with pytest.raises(InputError, match="another process"):
        take_in(folder, second)
    assert files.items() <= everything(folder).items()


VINTAGES = load_vintages(shipped())


def covers(vintage, key):
    return (
        vintage.table == key.table
        and vintage.series in ("", key.series)
        and vintage.first <= key.period <= vintage.last
    )


def test_every_shipped_figure_has_one_vintage():
    figures = [key for key, text in Tables(read_texts(shipped())).cells.items() if text]
    entries = [
        Key("entries_monthly.csv", month, route)
        for route, of in load_indicators(DATA).items()
        for month in of.months
    ]
    for key in (*figures, *entries):
        assert sum(covers(vintage, key) for vintage in VINTAGES) == 1, key
