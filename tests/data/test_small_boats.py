from __future__ import annotations

import warnings
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulation.data.workbook import TABLE_LIMITS, read_sheets
from simulation.errors import InputError
from simulation.fitting.plan import check_window
from tests.data.test_own_series import ANYTHING, usable_or_refused
from tests.data.workbooks import (
    DAILY,
    Cell,
    Rows,
    counts,
    days,
    ods,
    ods_of,
    published,
    weeks,
    xlsx,
    zipped,
)

WRITERS = {"ods": ods, "xlsx": xlsx}
QUARTER = days(date(2021, 1, 1), date(2021, 3, 31))


def changed(row, column, value):
    """The quarter with one cell changed, the row numbered as the program shows it."""
    rows = [list(cells) for cells in QUARTER]
    rows[row - 2][column] = value
    return rows


@pytest.mark.parametrize("kind", WRITERS)
def test_days_add_up_to_months(kind, read):
    first, last = date(2021, 11, 1), date(2022, 2, 28)
    own = read(WRITERS[kind](published(days(first, last))), f"small_boats.{kind}")
    assert own.months == ("2021-11", "2021-12", "2022-01", "2022-02")
    assert own.published
    assert own.notes == ()
    of_december = [counts(date(2021, 12, day)) for day in range(1, 32)]
    at = own.months.index("2021-12")
    people, boats = (sum(numbers) for numbers in zip(*of_december, strict=True))
    assert people > 1000
    assert own.series["channel_arrivals"][at] == people
    assert own.series["channel_boats"][at] == boats
    assert own.series["people_per_boat"][at] == people / boats
    assert own.series["days_with_arrivals"][at] == 10
    assert own.series["busiest_day"][at] == max(n for n, _ in of_december)
    assert own.places[at] == "sheet SB_01, rows 32 to 62"


@pytest.mark.parametrize("kind", WRITERS)
def test_a_workbook_is_known_by_its_bytes_not_by_its_name(kind, read):
    assert read(WRITERS[kind](published(QUARTER)), "downloaded").months[0] == "2021-01"


def test_months_cut_short_are_left_out_with_a_note(read):
    own = read(ods(published(days(date(2021, 1, 10), date(2021, 4, 12)))))
    assert own.months == ("2021-02", "2021-03")
    left_out = (("2021-01", "22 of its 31"), ("2021-04", "12 of its 30"))
    assert own.notes == tuple(f"{month} is left out: {n} days are in" for month, n in left_out)


def test_the_latest_day_may_stand_first(read):
    forwards, backwards = read(ods(published(QUARTER))), read(ods(published(QUARTER[::-1])))
    for name, values in forwards.series.items():
        assert np.array_equal(values, backwards.series[name])
    assert backwards.places[0] == "sheet SB_01, rows 61 to 91"


def test_notes_marks_titles_and_written_dates_are_understood(read):
    head = ["Date [note 1]", "Migrants\narrived [note 2]", "Boats arrived", "Notes"]
    rows: Rows = [
        [f"{day:%d %B %Y}", people if people else f"{people} [r]", str(boats), None]
        for day, people, boats, *_ in QUARTER
        if isinstance(day, date)
    ]
    sheets: dict[str, Rows] = {
        "Data": [["Daily arrivals"], [], head, *rows, [], ["[note 1] Days end at midnight."]]
    }
    own = read(ods(sheets))
    assert np.array_equal(
        own.series["channel_arrivals"], read(ods(published(QUARTER))).series["channel_arrivals"]
    )
    assert own.places[0] == "sheet Data, rows 4 to 34"


def test_a_day_not_published_leaves_its_month_unknown(read):
    rows = changed(40, 1, "[x]")
    rows[38][2] = "[x]"
    own = read(ods(published(rows)))
    for name in ("channel_arrivals", "channel_boats", "days_with_arrivals", "busiest_day"):
        assert np.isnan(own.series[name]).tolist() == [False, True, False], name
    assert own.notes == ("not known, as a day is not published: 2021-02",)


def test_weeks_are_shared_out_over_months(read):
    daily = days(date(2024, 4, 1), date(2024, 7, 31))
    weekly = weeks(date(2024, 4, 7), date(2024, 7, 28), known_from=date(2024, 5, 5))
    own = read(ods(published(daily, weekly)))
    prevented = own.series["channel_prevented"]
    # April has weeks without a figure, July three days after the last week
    assert np.isnan(prevented).tolist() == [True, False, False, True]
    assert prevented[1:3].tolist() == [310, 300]
    arrivals = own.series["channel_arrivals"]
    assert own.series["prevented_share"][1] == pytest.approx(310 / (310 + arrivals[1]))
    assert "shared out by days" in own.notes[0]


def test_an_edition_without_weekly_figures_is_read(read):
    assert "channel_prevented" not in read(ods(published(QUARTER))).series


def test_years_outside_the_run_are_left_out_with_a_note(read):
    own = read(ods(published(days(date(2020, 12, 1), date(2021, 3, 31)))))
    within = check_window(own, "2021-01", "2021-02")
    assert within.months == ("2021-01", "2021-02")
    assert within.places == own.places[1:3]
    assert within.series["channel_boats"].tolist() == own.series["channel_boats"][1:3].tolist()
    assert within.notes == ("2 months outside the run (2021-01 to 2021-02) are left out",)
    with pytest.raises(InputError, match="no month of the run is known; allowed: 2023-01 to"):
        check_window(own, "2023-01", "2023-12")


def test_a_series_unknown_in_the_whole_run_is_left_out_with_a_note(read):
    weekly = weeks(date(2024, 4, 7), date(2024, 7, 28), known_from=date(2024, 5, 5))
    own = read(ods(published(days(date(2024, 4, 1), date(2024, 7, 31)), weekly)))
    within = check_window(own, "2024-04", "2024-04")
    assert "channel_prevented" not in within.series
    assert any("known of channel_prevented" in note for note in within.notes)


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (changed(5, 1, "many"), 'sheet SB_01, row 5: Migrants arrived = "many": not a count'),
        (changed(5, 1, "1,224"), "row 5: Migrants arrived = .1,224.: a number with separators"),
        (changed(5, 1, -1), "row 5: Migrants arrived = .-1.0.: not a count"),
        (changed(5, 2, 1.5), "row 5: Boats arrived = .1.5.: not a count"),
        (changed(5, 2, None), "row 5: Boats arrived: missing value"),
        (changed(5, 2, True), "row 5: Boats arrived = .True.: not a count"),
        (changed(5, 0, None), "row 5: Date: missing date"),
        (changed(5, 0, "soon"), "row 5: Date = .soon.: not a date"),
        (changed(5, 0, 44200), "row 5: Date = .44200.: a date that has lost .*04/01/2021"),
        (changed(5, 0, date(2021, 1, 3)), "row 5: Date = .2021-01-03.: already given in row 4"),
        (QUARTER[:9] + QUARTER[10:], "row 11: Date = .2021-01-11.: gap: .* is of 2021-01-09"),
        (changed(5, 1, 90), "row 5: Migrants arrived, Boats .* = .90, 0.: people without"),
        (QUARTER[:20], "sheet SB_01: not one whole month"),
        ([], "sheet SB_01: no rows below the header"),
        ([[d, n * 100, 100 * b, 0, None] for d, n, b, *_ in QUARTER], "looks like another unit"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_used_is_named(rows, message, kind, read):
    with pytest.raises(InputError, match=message) as caught:
        read(WRITERS[kind](published(rows)), f"small_boats.{kind}")
    assert f"small_boats.{kind}" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("sheets", "message"),
    [
        ({"Irr_02": [["Year", "Nationality", "n"], [2021.0, "Iran", 8319.0]], "Notes": [["x"]]},
         "no sheet with the columns Date.*the sheets are Irr_02, Notes.*SB_01"),
        ({"SB_01": [["Date", "Migrants arived", "Boats arrived"], *QUARTER]},
         'sheet SB_01 = "Migrants arrived": column missing.*did you mean "migrants arived"'),
        ({"SB_01": [["Date", *DAILY], *QUARTER]}, 'sheet SB_01 = "Date": a column given twice'),
        ({"SB_02": published([], QUARTER)["SB_02"]}, "no sheet with the columns.*are SB_02"),
    ],
)  # fmt: skip
def test_the_wrong_sheet_is_an_error(sheets, message, read):
    for writer in (ods, xlsx):
        with pytest.raises(InputError, match=message):
            read(writer(sheets), "other")


ENCRYPTED = b'<manifest><file-entry><encryption-data checksum="x"/></file-entry></manifest>'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (ods_of("", **{"META-INF/manifest.xml": ENCRYPTED}), "protected with a password"),
        (zipped({"encrypted-package": b"x"}), "protected with a password"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "protected with a password"),
        (OLE + b"Workbook", r"an old Excel file \(.xls\)"),
        (zipped({"a.txt": b"hello"}), "a zip archive that is no workbook"),
        (zipped({"xl/workbook.xml": b"hello"}), "a damaged workbook"),
        (zipped({"content.xml": b"<office"}), "a damaged workbook"),
        (ods(published(QUARTER))[:900], "a damaged workbook"),
        (ods_of(""), "no sheet with the columns .* the sheets are none"),
        (ods_of('<table:table table:name="SB_01"><table:table-row '
                'table:number-rows-repeated="900000"><table:table-cell '
                'office:value-type="float" office:value="1"/></table:table-row></table:table>'),
         "sheet SB_01: too many rows; allowed: at most 50,000"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_usable_workbook_is_named(data, message, read):
    with pytest.raises(InputError, match=message):
        read(data)


def test_a_workbook_that_swells_when_unpacked_is_an_error():
    data = ods(published(QUARTER))
    limits = replace(TABLE_LIMITS, unpacked=3 * len(data))
    with pytest.raises(InputError, match="too large for a table"):
        read_sheets(Path("published.ods"), data, limits)


def test_a_cell_far_away_costs_nothing(read):
    sheets = published(QUARTER)
    sheets["SB_01"][3] = [*sheets["SB_01"][3], *[None] * 16000, "left by mistake"]
    assert read(ods(sheets)).months == read(ods(published(QUARTER))).months


def test_a_comment_on_a_cell_is_not_its_text(read):
    text = (
        '<table:table table:name="SB_01"><table:table-row>'
        '<table:table-cell office:value-type="string"><office:annotation><text:p>checked</text:p>'
        "</office:annotation><text:p>Da<text:span>te</text:span>s</text:p>"
        "</table:table-cell></table:table-row></table:table>"
    )
    with pytest.raises(InputError, match='did you mean "dates"'):
        read(ods_of(text))


CELLS: st.SearchStrategy[Cell] = st.one_of(
    st.none(),
    st.booleans(),
    st.dates(),
    st.integers(-3, 10**12),
    st.floats(),
    st.sampled_from([*DAILY, "[x]", "-", "44197", "1 January 2021", "01/02/2021", "12 [r]"]),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co")), max_size=8),
)


@ANYTHING
@given(
    header=st.permutations(DAILY).flatmap(lambda names: st.sampled_from([DAILY, names])),
    rows=st.lists(st.lists(CELLS, max_size=6), max_size=5),
    kind=st.sampled_from(["ods", "ods", "xlsx"]),
)
def test_any_small_sheet_is_read_or_refused(header, rows, kind, tmp_path):
    if kind == "xlsx":  # Excel has no such numbers, and no days before 1900
        rows = [
            [None if isinstance(c, date) or c != c or c in (np.inf, -np.inf) else c for c in row]
            for row in rows
        ]
    file = tmp_path / "any"
    file.write_bytes(WRITERS[kind]({"SB_01": [list(header), *QUARTER[:31], *rows]}))
    usable_or_refused(file)


SMALL = {kind: writer(published(QUARTER[:31])) for kind, writer in WRITERS.items()}


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    kind=st.sampled_from(sorted(SMALL)),
    at=st.floats(0, 1, exclude_max=True),
    junk=st.binary(max_size=40),
    cut=st.booleans(),
)
def test_a_damaged_workbook_is_read_or_refused(kind, at, junk, cut, tmp_path):
    whole = SMALL[kind]
    place = int(at * len(whole))
    rest = b"" if cut else whole[place + len(junk) :]
    file = tmp_path / "any"
    file.write_bytes(whole[:place] + junk + rest)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        usable_or_refused(file)
