"""A user's own series: a CSV file of months, and the workbook of the Home Office."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from simulation.corridor import load_observed
from simulation.data.own_series import OWN_SERIES, read_own_series
from simulation.errors import InputError
from simulation.fitting.plan import check_window
from tests.data.workbooks import (
    DAILY,
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

GOOD = """\
# our own count, revised in May
month,channel_arrivals,channel_boats,channel_prevented

2021-01,224,15,300
2021-02,308,18,
# March is provisional
2021-03,831,41,612
"""


@pytest.fixture
def read(tmp_path):
    """Write a file of a user's own, read it, and see that it was left as it is."""

    def reading(content, name="own.csv"):
        data = content if isinstance(content, bytes) else content.encode()
        file = tmp_path / name
        file.write_bytes(data)
        try:
            return read_own_series(file)
        finally:
            assert file.read_bytes() == data
            assert [path.name for path in tmp_path.iterdir()] == [name]

    return reading


def test_months_and_columns_are_read_and_blank_is_not_known(read):
    own = read(GOOD)
    assert own.months == ("2021-01", "2021-02", "2021-03")
    months, arrivals = own.monthly("channel_arrivals")
    assert months == list(own.months)
    assert arrivals.tolist() == [224, 308, 831]
    assert np.isnan(own.series["channel_prevented"]).tolist() == [False, True, False]
    assert own.places == ("line 4", "line 5", "line 7")
    assert not own.published


def test_ratios_follow_from_their_terms(read):
    own = read(GOOD)
    assert own.series["people_per_boat"].tolist() == [224 / 15, 308 / 18, 831 / 41]
    share = own.series["prevented_share"]
    assert share[[0, 2]] == pytest.approx([300 / 524, 612 / 1443])
    assert np.isnan(share[1])
    assert own.series["channel_attempts"][2] == 1443
    given = "month,channel_arrivals,channel_boats,people_per_boat\n2021-01,224,15,14.9\n"
    assert read(given).series["people_per_boat"].tolist() == [14.9]  # and is kept as given


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r"),
        lambda text: text.replace("2021-01,224", ' 2021-01 , "224"'),
        lambda text: text + ",,,\n\n",
    ],
    ids=["byte order mark", "lines of Windows", "lines of old Macs", "spaces", "empty lines"],
)
def test_what_programs_write_differently_is_read_alike(change, read):
    assert read(change(GOOD)).series["channel_arrivals"].tolist() == [224, 308, 831]


def test_the_published_months_can_be_given_as_ones_own(read):
    """Every name and unit is that of the observed tables."""
    observed = load_observed()
    months = observed.monthly("channel_arrivals")[0]
    # prevented attempts are known by month from May 2024 only
    long = {name for name, (of, _) in observed.monthly_series.items() if set(months) <= set(of)}
    names = [name for name in OWN_SERIES if name in long]
    assert len(names) == 6
    table = {name: dict(zip(*observed.monthly(name), strict=True)) for name in names}
    cells = {
        month: ["" if np.isnan(table[name][month]) else f"{table[name][month]:g}" for name in names]
        for month in months
    }
    own = read(
        "\n".join(",".join([first, *row]) for first, row in {"month": names, **cells}.items())
    )
    for name in names:
        published = [table[name][month] for month in months]
        np.testing.assert_array_equal(own.series[name], published)


HEAD = "month,channel_arrivals,channel_boats\n"
JAN = "2021-01,224,15\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        # months
        (HEAD + JAN + "2021-03,831,41\n", 'line 3: month = "2021-03": gap: 2021-02 is missing'),
        (HEAD + JAN + JAN, 'line 3: month = "2021-01": already given on line 2'),
        (HEAD + JAN + "2020-12,9,1\n", "line 3: month.*out of order after 2021-01"),
        (HEAD + "2021-1,224,15\n", 'line 2: month = "2021-1": not a month.*mean "2021-01"'),
        (HEAD + "01/2021,224,15\n", 'not a month.*"2021-01"\\?'),
        (HEAD + "2021-13,224,15\n", 'line 2: month = "2021-13": not a month'),
        (HEAD + "Jan-21,224,15\n", 'line 2: month = "Jan-21": not a month'),
        (HEAD + "2021-01-01,224,15\n", 'a day, not a month.*mean "2021-01"'),
        (HEAD + "44197,224,15\n", 'line 2: month = "44197": a date that has lost.*mean "2021-01"'),
        (HEAD + ",224,15\n", "line 2: month = .*missing value"),
        (HEAD + "\uff12\uff10\uff12\uff11-01,224,15\n", "line 2: month.*not a month"),
        # numbers
        (HEAD + "2021-01,many,15\n", 'line 2: channel_arrivals = "many": not a number.*people'),
        (HEAD + "2021-01,[x],15\n", 'channel_arrivals = "\\[x\\]": not a number.*blank'),
        (HEAD + "2021-01,nan,15\n", 'channel_arrivals = "nan": not a number'),
        (HEAD + "2021-01,-224,15\n", 'channel_arrivals = "-224": number out of range'),
        (HEAD + '2021-01,"1,224",15\n', 'channel_arrivals = "1,224": .*thousands separators'),
        (HEAD + "2021-01,1 224,15\n", "thousands separators"),
        (HEAD + "2021-01,1.224,15\n", "thousands separators"),
        (HEAD + "2021-01,1,224,15\n", "line 2 = .*4 cells where there are 3.*no commas in numbers"),
        (HEAD + '2021-01,"224,5",15\n', 'channel_arrivals = "224,5": a decimal comma'),
        (HEAD + "2021-01,224\n", "line 2.*2 cells where there are 3"),
        # units
        (HEAD + "2021-01,0.22,15\n", "people are whole numbers.*multiply figures in thousands"),
        (HEAD + "2021-01,3,15\n", 'line 2: channel_arrivals = "3": fewer people than boats'),
        ("month,channel_arrivals\n2022-08,8\n2022-09,9\n",
         "line 2 and on: channel_arrivals: looks"),
        ("month,wb_detections\n2022-08,9999999\n", "wb_detections.*out of range.*detections"),
        ("month,prevented_share\n2022-08,45\n", 'prevented_share = "45": a percentage.*by 100'),
        ("month,prevented_share\n2022-08,45%\n", 'prevented_share = "45%": a percentage.*0.45'),
        ("month,people_per_boat\n2022-08,0.04\n", 'people_per_boat = "0.04": number out of range'),
        ("month,days_with_arrivals\n2021-02,29\n", 'days_with_arrivals = "29": .*from 0 to 28'),
        ("month,channel_arrivals,busiest_day\n2021-01,224,300\n",
         'line 2: busiest_day = "300": more than in the whole month'),
        ("month,channel_arrivals,channel_boats,people_per_boat\n2021-01,224,15,20\n",
         'line 2: people_per_boat = "20": does not follow'),
        ("month,channel_arrivals,channel_prevented,prevented_share\n2021-01,224,224,0.05\n",
         'prevented_share = "0.05": does not follow'),
        # columns
        ("month,chanel_arrivals\n2021-01,224\n", 'line 1 = "chanel_arr.*mean "channel_arrivals"'),
        ("month,channel_arrivals,\n2021-01,224,\n", "line 1: column 3 has no name"),
        ("month,channel_boats,channel_boats\n", 'line 1 = "channel_boats": a column given twice'),
        ("channel_arrivals,month\n224,2021-01\n", "the first column is the month"),
        ("month\n2021-01\n", "the first column is the month, and a series follows"),
        (HEAD + "2021-01,224,\n", 'column = "channel_boats": nothing in the whole column'),
        ("month;channel_arrivals\n2021-01;224\n", "line 1 = .*semicolons between the columns"),
        ("month\tchannel_arrivals\n2021-01\t224\n", "line 1 = .*tabs between the columns"),
        # files
        ("", "an empty file"),
        (" \n\n", "an empty file"),
        ("# only words\n", "nothing but comments"),
        (HEAD, "no months below the header"),
        (HEAD + '2021-01,"224,15\n', "line 2 = .*quotes that do not match"),
        (HEAD + "2021-01," + "1" * 300 + ",15\n", "line 2.*too long for a number"),
        (HEAD.encode("utf-16"), "in UTF-16"),
        (HEAD.encode() + b"2021-01,224,15 \xe9\n", "line 2 = .*0xe9.*not in UTF-8"),
        (HEAD.encode() + b"2021-01,\x00224,15\n", "neither text nor a spreadsheet"),
        (HEAD + "2021-01,\x1b[31m224,15\n", 'line 2 = "U\\+001B": a control character'),
        (b"%PDF-1.7\n", "neither text nor a spreadsheet"),
        ("<!DOCTYPE html><html></html>", "a web page"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "neither text nor a spreadsheet"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_that_says_where(content, message, read):
    with pytest.raises(InputError, match=message) as caught:
        read(content)
    assert "own.csv" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize(("name", "message"), [
    ("nothing.csv", r"nothing\.csv: file not found"),
    ("", "is a folder"), ("a\0b.csv", "not found"),
])  # fmt: skip
def test_what_is_no_file_is_an_error(name, message, tmp_path):
    with pytest.raises(InputError, match=message):
        read_own_series(tmp_path / name)


# -- the window -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("first", "last", "message"), [
    ("2021-02", "2023-12", 'line 4: month = "2021-01": a month outside the run.*2021-02 to'),
    ("2020-01", "2021-02", 'line 7: month = "2021-03": a month outside the run'),
    ("2023-12", "2021-01", "ends before it begins"),
])  # fmt: skip
def test_a_month_outside_the_run_is_an_error(first, last, message, read):
    with pytest.raises(InputError, match=message):
        check_window(read(GOOD), first, last)


# -- the page -------------------------------------------------------------------------------------

PAGE = (Path(__file__).parents[2] / "docs" / "own-data.md").read_text(encoding="utf-8")


def test_the_example_of_the_page_is_read(read):
    (table,) = re.findall(r"^```csv own.csv\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    own = read(table)
    assert own.months == ("2021-01", "2021-02", "2021-03")
    assert own.series["channel_prevented"][2] == 612


def test_the_page_lists_every_series_with_its_unit():
    listed = dict(re.findall(r"^\| `(\w+)` \| ([\w ]+) \|", PAGE, re.MULTILINE))
    assert listed == {name: spec.unit for name, spec in OWN_SERIES.items()}


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
    own, usual = read(ods(sheets)), read(ods(published(QUARTER)))
    assert np.array_equal(own.series["channel_arrivals"], usual.series["channel_arrivals"])
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
    weekly = weeks(date(2024, 4, 7), date(2024, 7, 28), since=date(2024, 5, 5))
    own = read(ods(published(daily, weekly)))
    prevented = own.series["channel_prevented"]
    # April has weeks without a figure, July three days after the last week
    assert np.isnan(prevented).tolist() == [True, False, False, True]
    assert prevented[1:3].tolist() == [310, 300]
    arrivals = own.series["channel_arrivals"]
    assert own.series["prevented_share"][1] == pytest.approx(310 / (310 + arrivals[1]))
    assert "shared out by days" in own.notes[0]
    assert "channel_prevented" not in read(ods(published(daily))).series


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
    weekly = weeks(date(2024, 4, 7), date(2024, 7, 28), since=date(2024, 5, 5))
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


@pytest.mark.parametrize("kind", WRITERS)
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
def test_the_wrong_sheet_is_an_error(kind, sheets, message, read):
    with pytest.raises(InputError, match=message):
        read(WRITERS[kind](sheets), "other")


ENCRYPTED = b'<manifest><file-entry><encryption-data checksum="x"/></file-entry></manifest>'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def far_row(workbook: bytes) -> bytes:
    """The same with the second row of each sheet billions of rows further down."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    return zipped({name: part.replace(b'<row r="2"', b'<row r="9000000000"')
                   for name, part in parts.items()})  # fmt: skip


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (ods_of("", **{"META-INF/manifest.xml": ENCRYPTED}), "protected with a password"),
        (zipped({"encrypted-package": b"x"}), "protected with a password"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "protected with a password"),
        (OLE + b"Workbook", r"an old Excel file \(.xls\)"),
        (zipped({"a.txt": b"hello"}), "a zip archive that is no workbook"),
        (b"PK\x03\x04", "a damaged workbook"),
        (zipped({"xl/workbook.xml": b"hello"}), "a damaged workbook"),
        (zipped({"content.xml": b"<office"}), "a damaged workbook"),
        (ods(published(QUARTER))[:900], "a damaged workbook"),
        (far_row(xlsx(published(QUARTER))), "a row beyond"),
        (ods_of(""), "no sheet with the columns .* the sheets are none"),
        (ods_of('<table:table table:name="SB_01"><table:table-row '
                'table:number-rows-repeated="900000"><table:table-cell '
                'office:value-type="float" office:value="1"/></table:table-row></table:table>'),
         "sheet SB_01: too many rows; allowed: at most 300,000"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_usable_workbook_is_named(data, message, read):
    with pytest.raises(InputError, match=message):
        read(data)
