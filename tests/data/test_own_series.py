from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from simulation.corridor import load_observed
from simulation.data.own_series import OWN_SERIES, read_own_series
from simulation.errors import InputError
from simulation.fitting.plan import check_window

GOOD = """\
# our own count, revised in May
month,channel_arrivals,channel_boats,channel_prevented

2021-01,224,15,300
2021-02,308,18,
# March is provisional
2021-03,831,41,612
"""


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


def test_a_ratio_that_was_given_is_kept_as_given(read):
    text = "month,channel_arrivals,channel_boats,people_per_boat\n2021-01,224,15,14.9\n"
    assert read(text).series["people_per_boat"].tolist() == [14.9]


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
    own = read(change(GOOD))
    assert own.series["channel_arrivals"].tolist() == [224, 308, 831]


def test_the_published_months_can_be_given_as_ones_own(read):
    """Every name and unit is that of the observed tables."""
    observed = load_observed()
    months = observed.monthly("channel_arrivals")[0]
    # prevented attempts are known by month from May 2024 only
    long = {name for name, (of, _) in observed.monthly_series.items() if set(months) <= set(of)}
    names = [name for name in OWN_SERIES if name in long]
    assert len(names) == 6
    table = {name: dict(zip(*observed.monthly(name), strict=True)) for name in names}
    lines = [",".join(["month", *names])]
    for month in months:
        cells = [table[name][month] for name in names]
        lines.append(",".join([month, *("" if np.isnan(cell) else f"{cell:g}" for cell in cells)]))
    own = read("\n".join(lines))
    for name in names:
        expected = np.array([table[name][month] for month in months])
        assert np.array_equal(own.series[name], expected, equal_nan=True)


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


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nothing.csv", r"nothing\.csv: file not found"),
        ("", "is a folder"),
        ("a\0b.csv", "not found"),
    ],
)
def test_what_is_no_file_is_an_error(name, message, tmp_path):
    with pytest.raises(InputError, match=message):
        read_own_series(tmp_path / name)


def test_text_that_is_named_as_a_workbook_is_an_error(read):
    with pytest.raises(InputError, match=r"named .ods but no spreadsheet"):
        read(GOOD, "series.ods")


# -- the window -----------------------------------------------------------------------------------


def test_a_window_that_holds_every_month_changes_nothing(read):
    own = read(GOOD)
    within = check_window(own, "2021-01", "2023-12")
    assert (within.months, within.places, within.notes) == (own.months, own.places, ())
    assert within.series["channel_arrivals"].tolist() == [224, 308, 831]


@pytest.mark.parametrize(
    ("first", "last", "message"),
    [
        ("2021-02", "2023-12", 'line 4: month = "2021-01": a month outside the run.*2021-02 to'),
        ("2020-01", "2021-02", 'line 7: month = "2021-03": a month outside the run'),
        ("2023-12", "2021-01", "ends before it begins"),
    ],
)
def test_a_month_outside_the_run_is_an_error(first, last, message, read):
    with pytest.raises(InputError, match=message):
        check_window(read(GOOD), first, last)


# -- anything at all ------------------------------------------------------------------------------


def usable_or_refused(file):
    """Whatever a file holds, it is either read whole or refused in one line."""
    refusal = ""
    try:
        own = read_own_series(file)
    except InputError as error:
        refusal = str(error)
    assert not any(unicodedata.category(letter) == "Cc" for letter in refusal)
    if refusal:
        return
    assert len(set(own.months)) == len(own.months) == len(own.places) > 0
    for name, values in own.series.items():
        known = values[np.isfinite(values)]
        assert (known >= 0).all()
        assert len(values) == len(own.months), name


ANYTHING = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@ANYTHING
@given(data=st.binary(max_size=400))
@example(data=b"PK\x03\x04")
@example(data=b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
@example(data=b'month,channel_arrivals\n2021-01,"')
def test_any_bytes_are_read_or_refused(data, tmp_path):
    file = tmp_path / "any.csv"
    file.write_bytes(data)
    usable_or_refused(file)


CELLS = st.one_of(
    st.sampled_from(
        ["", "224", "15", "0.5", "1,2", "1.234", "45%", "-1", "1e9", "nan", "[x]", '"']
    ),
    st.integers(-5, 2_000_000).map(str),
    st.floats(allow_nan=True).map(str),
    st.text(max_size=6),
)
MONTHS = st.one_of(
    st.sampled_from(["2021-01", "2021-02", "2021-03", "44197", "2021-1", "", "9999-12", "0000-01"]),
    st.text(max_size=8),
)
COLUMNS = st.lists(
    st.one_of(st.sampled_from(list(OWN_SERIES)), st.text(max_size=5)), min_size=1, max_size=4
)


@ANYTHING
@given(
    columns=COLUMNS,
    rows=st.lists(st.tuples(MONTHS, st.lists(CELLS, min_size=4, max_size=4)), max_size=4),
    delimiter=st.sampled_from([",", ",", ",", ";", "\t"]),
)
def test_any_small_table_is_read_or_refused(columns, rows, delimiter, tmp_path):
    lines = [["month", *columns], *([month, *cells[: len(columns)]] for month, cells in rows)]
    file = tmp_path / "any.csv"
    file.write_bytes("\n".join(map(delimiter.join, lines)).encode("utf-8", "surrogatepass"))
    usable_or_refused(file)


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
