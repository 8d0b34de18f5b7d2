"""Files of publishers: what is read from them, and what in them is refused, with its place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from simulation.data.reading import CHANNEL, FRONTEX, ORIGINS, PREVENTED, YEARLY, Key
from simulation.data.recognise import read_file
from simulation.data.workbook import MOST_UNPACKED
from simulation.errors import InputError
from tests.data.workbooks import (
    TABLES,
    Rows,
    detections,
    illegal_entry,
    missing_migrants,
    ods,
    small_boats,
    xlsx,
    zipped,
)

Sheets = dict[str, Rows]
FILES: dict[str, Callable[[], bytes]] = {
    "small boats": lambda: ods(small_boats("2025-12")),
    "illegal entry": lambda: xlsx(illegal_entry("2024 Q4")),
    "detections": lambda: xlsx(detections("2026-06")),
    "deaths": lambda: missing_migrants(2025).encode(),
}


def read(data, published=None):
    return read_file(Path("a file of any name"), data, published)


@pytest.mark.parametrize("name", FILES)
def test_figures_in_use_come_back_from_the_layout_of_their_publisher(name):
    estimated = {"prevented_share", "days", "channel_prevented", "share_top_tenth"}
    compared = 0
    for key, value in read(FILES[name]()).figures.items():
        if key.series in estimated:
            continue
        expected = TABLES.value(key)
        if expected is None or (key.table == YEARLY and key.series == "irregular_small_boats"):
            continue  # methods are final later than the daily series
        compared += 1
        assert value == pytest.approx(expected, abs=0.006), key
    assert compared > 20


def test_small_boats_give_months_weeks_and_years():
    reading = read(ods(small_boats("2025-12", more_days=5)))
    assert reading.last(CHANNEL) == "2025-12"
    assert any("2026-01 is left out" in note for note in reading.notes)
    assert any("sums of their days" in note for note in reading.notes)
    assert reading.figures[Key(PREVENTED, "2024-05", "days")] == 31
    assert Key(PREVENTED, "2024-04", "prevented_share") not in reading.figures
    # March 2025 begins on the last two days of a week, and ends on the first day of another
    people = {row[0]: row[1] for row in small_boats("2025-12")["SB_01"][4:] if len(row) == 5}
    ends = [date(2025, 3, 2) + timedelta(days=7 * week) for week in range(6)]
    by_week = [sum(people[end - timedelta(days=k)] for k in range(7)) for end in ends]
    arrived = sum(n / 7 * of for n, of in zip((2, 7, 7, 7, 7, 1), by_week, strict=True))
    stopped = 31 / 7 * 430
    share = reading.figures[Key(PREVENTED, "2025-03", "prevented_share")]
    assert share == pytest.approx(stopped / (stopped + arrived))
    assert reading.figures[Key(YEARLY, "2025", "channel_prevented")] == round(362 / 7 * 430)
    assert Key(YEARLY, "2024", "channel_prevented") not in reading.figures


@pytest.mark.parametrize("names", ["words", "database"])
def test_deaths_are_told_apart_by_cause_and_place_and_summed_over_whole_years(names):
    reading = read(missing_migrants(2025, names=names).encode("utf-8-sig"))
    assert reading.figures[Key(YEARLY, "2025", "channel_deaths")] == 32
    assert reading.figures[Key(YEARLY, "2024", "corridor_deaths")] == 42
    assert not any(key.period == "2026" for key in reading.figures)
    assert read(missing_migrants(2025).encode(), date(2025, 12, 31)).last(YEARLY) == "2024"


def test_a_first_year_of_which_the_file_lacks_the_beginning_is_left_out():
    header, *rows = missing_migrants(2025).splitlines()
    late = [row for row in rows if row.split(",")[3] > "2020-03-15"]
    reading = read("\n".join([header, *late]).encode())
    assert min(key.period for key in reading.figures) == "2021"
    assert any("2020 is left out" in note for note in reading.notes)
    of_january = rows[0].replace("2014-02-01", "2020-01-31").replace("2014.MMP", "2020.MMP")
    whole = read("\n".join([header, of_january, *late]).encode())
    assert min(key.period for key in whole.figures) == "2020"


def test_a_year_without_all_its_quarters_is_left_out():
    reading = read(xlsx(illegal_entry("2025 Q2")))
    assert reading.last(ORIGINS) == "2024"
    assert any("2025 is left out" in note for note in reading.notes)


@pytest.mark.parametrize("sheet", ["Data - Irr_D01", "Data_Irr_D01", "IER_D01"])
def test_illegal_entry_is_known_by_each_of_its_sheets_names(sheet):
    reading = read(xlsx(illegal_entry("2024 Q4", sheet)))
    assert reading.figures[Key(YEARLY, "2023", "lorry_arrivals")] == 3445


def test_a_sheet_of_totals_beside_the_records_is_passed_over():
    sheets = illegal_entry("2024 Q4")
    with_totals: Sheets = {"IER_D01": [["Totals"], ["Year", "All methods"], ["2023", 9]], **sheets}
    assert read(xlsx(with_totals)).figures == read(xlsx(sheets)).figures


def test_the_last_month_is_left_out_where_a_figure_of_it_is_blank():
    sheets = detections("2026-06")
    sheets["Detections_of_IBC"][3][-1] = None
    reading = read(xlsx(sheets))
    assert reading.last(FRONTEX) == "2026-05"
    assert any("2026-06 is left out" in note for note in reading.notes)


def cell(sheet, row, column, value):
    def change(sheets):
        sheets[sheet][row][column] = value  # type: ignore[assignment]

    return change


def twice(sheet, row):
    return lambda sheets: sheets[sheet].insert(row, list(sheets[sheet][row]))


IBC, IER = "Detections_of_IBC", "Data_IER_D01"


@pytest.mark.parametrize(("make", "change", "message"), [
    (detections, cell(IBC, 2, 10, None), "row 3: 2009-08: missing value"),
    (detections, cell(IBC, 2, 10, "-"), "row 3: 2009-08.*not a count"),
    (detections, cell(IBC, 2, 10, -4), r'row 3: 2009-08 = "-4\.0": not a count'),
    (detections, cell(IBC, 2, 10, 4.5), "row 3: 2009-08.*not a count"),
    (detections, cell(IBC, 2, 0, "Western Balkans Route"), "row 3: Route.*did you mean"),
    (detections, cell(IBC, 2, 0, None), "row 3: Route: missing value"),
    (detections, cell(IBC, 2, 2, None), "row 3: Nationality: missing value"),
    (detections, cell(IBC, 1, 10, "SEP2009"), "row 2, column 11.*out of order"),
    (detections, cell(IBC, 1, 10, "Total"), "row 2, column 11.*out of order"),
    (detections, cell(IBC, 1, 2, "Nation"), "column missing"),
    (detections, twice(IBC, 4), "row 6: Route.*already given in row 5"),
    (illegal_entry, cell(IER, 2, 1, "2018"), "row 3: Quarter.*not a quarter"),
    (illegal_entry, cell(IER, 2, 0, 2019), "row 3: Quarter.*not a quarter of its year"),
    (illegal_entry, cell(IER, 2, 2, "Small boats"), "row 3: Method of entry.*unknown name"),
    (illegal_entry, cell(IER, 2, 3, None), "row 3: Nationality: missing value"),
    (illegal_entry, cell(IER, 2, 7, "x"), "row 3: Number of detections.*not a count"),
    (illegal_entry, cell(IER, 2, 7, None), "row 3: Number of detections: missing value"),
    (illegal_entry, cell(IER, 1, 7, "Detections"), "Number of detections.*column missing"),
    (illegal_entry, twice(IER, 7), "row 9.*already given in row 8"),
    (small_boats, twice("SB_01", 20), "already given in row"),
    (small_boats, lambda sheets: sheets["SB_01"].pop(20), "row 21: Date.*gap"),
    (small_boats, cell("SB_01", 20, 0, "soon"), "row 21: Date.*not a date"),
    (small_boats, cell("SB_01", 20, 2, None), "row 21: Boats arrived: missing value"),
    (small_boats, cell("SB_01", 20, 1, 900), "row 21: Migrants arrived.*people without boats"),
    (small_boats, cell("SB_02", 400, 1, 7777), "row 401: Migrants arrived.*not the sum"),
    (small_boats, lambda sheets: sheets.pop("SB_01"), "SB_01: a sheet is missing"),
])  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(make, change, message):
    sheets = make({"illegal_entry": "2024 Q4"}.get(make.__name__, "2025-12"))
    change(sheets)
    with pytest.raises(InputError, match=message) as caught:
        read(xlsx(sheets))
    assert "a file of any name" in str(caught.value)


@pytest.mark.parametrize(("old", "new", "message"), [
    ("Total Number of Dead and Missing", "Total", "line 1.*column missing"),
    ("Cause of Death", "Cause", "column missing"),
    ("Location of Incident,Coord", "Location of Incident,Migration Route,Coord", "twice"),
    ("2021-03-01,2021,39,0,39", "2021-13-01,2021,39,0,39", "line 31: date.*not a date"),
    ("2021-03-01,2021,39,0,39", "2021-03-01,2021,39,0,38", "line 31.*allowed: 39"),
    ("2021-03-01,2021,39,0,39", "2021-03-01,2021,,,", "line 31.*neither dead nor missing"),
    ("2021-03-01,2021,39,0,39", "2021-03-01,2021,39,0,many", "line 31.*not a count"),
    ("2021-03-01,2021,39,0,39", "2021-03-01,2021,39,39", "line 31: 11 cells|11 cells where"),
    ("2021.MMP00031,31,", "2021.MMP00030,30,", "line"),
])  # fmt: skip
def test_a_row_of_incidents_that_cannot_be_used_is_told(old, new, message):
    text = missing_migrants(2025)
    assert old in text
    with pytest.raises(InputError, match=message):
        read(text.replace(old, new).encode())


def test_notes_marks_titles_and_written_dates_are_understood():
    sheets = small_boats("2025-12")
    written = dict(sheets)
    head: Rows = [[], ["Date [note 1]", "Migrants\narrived [note 2]", "Boats arrived"]]
    written["SB_01"] = head + [
        [f"{row[0]:%d %B %Y}", f"{row[1]} [r]", str(row[2])] for row in sheets["SB_01"][4:-3]
    ]
    assert read(ods(written)).figures == read(ods(sheets)).figures


def test_a_day_not_published_leaves_its_month_unknown():
    sheets = small_boats("2025-12")
    row = next(row for row in sheets["SB_01"][4:] if row[0] == date(2025, 6, 3))
    row[1] = row[2] = "[x]"
    reading = read(ods(sheets))
    assert Key(CHANNEL, "2025-06", "channel_arrivals") not in reading.figures
    assert Key(CHANNEL, "2025-07", "channel_arrivals") in reading.figures
    assert any("2025-06" in note for note in reading.notes)


@pytest.mark.parametrize(("data", "message"), [
    (xlsx({"Other": [["a"]]}), r"not one of the known workbooks.*SB_01.*Detections_of_IBC"),
    (ods({"Sheet1": [["a", 1]]}), "not one of the known workbooks.*Sheet1"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504), "a damaged workbook, one with a password"),
    (zipped({"a.txt": b"hello"}), "not one of the known workbooks|a damaged workbook"),
    (ods({"SB_01": []})[:300], "a damaged workbook"),
    (zipped({"content.xml": bytes(MOST_UNPACKED + 1)}), "too large"),
    (b"%PDF-1.7\n", "no table"), (b"<!DOCTYPE html><html></html>", "no table"),
    ("month".encode("utf-16"), "UTF-8"), (b"\n", "unknown column|no months"),
])  # fmt: skip
def test_another_file_is_refused_with_what_is_known(data, message):
    with pytest.raises(InputError, match=message) as caught:
        read(data)
    assert "\n" not in str(caught.value)
