"""A user's own series: a CSV file of months."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from simulation.corridor import load_observed
from simulation.data.own_series import OWN_SERIES, read_own_series
from simulation.errors import InputError
from simulation.fitting.plan import check_window
from tests.data.workbooks import ods

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
        (HEAD + JAN + "2021-03,831,41\n", 'line 3: month = "2021-03": a month missing.*2021-02'),
        (HEAD + JAN + JAN, 'line 3: month = "2021-01": a month missing, twice'),
        (HEAD + JAN + "2020-12,9,1\n", "line 3: month.*out of order"),
        (HEAD + "2021-1,224,15\n", 'line 2: month = "2021-1": not a month'),
        (HEAD + "Jan-21,224,15\n", 'line 2: month = "Jan-21": not a month'),
        (HEAD + "44197,224,15\n", 'line 2: month = "44197": not a month'),
        (HEAD + ",224,15\n", "line 2: month = .*not a month"),
        (HEAD + "\uff12\uff10\uff12\uff11-01,224,15\n", "line 2: month.*not a month"),
        (HEAD + "2021-01,many,15\n", 'line 2: channel_arrivals = "many": not a number.*people'),
        (HEAD + "2021-01,nan,15\n", 'channel_arrivals = "nan": not a number'),
        (HEAD + "2021-01,-224,15\n", 'channel_arrivals = "-224": number out of range'),
        (HEAD + '2021-01,"1,224",15\n', 'channel_arrivals = "1,224": .*without separators'),
        (HEAD + "2021-01,1.224,15\n", "people are whole numbers"),
        (HEAD + "2021-01,1,224,15\n", "line 2 = .*4 cells where there are 3.*no commas in numbers"),
        (HEAD + "2021-01,0.22,15\n", "people are whole numbers.*multiply figures in thousands"),
        (HEAD + "2021-01,3,15\n", 'line 2: channel_arrivals = "3": fewer people than boats'),
        ("month,channel_arrivals\n2022-08,8\n2022-09,9\n",
         "line 2 and on: channel_arrivals: looks"),
        ("month,prevented_share\n2022-08,45\n", 'prevented_share = "45": number out of range'),
        ("month,prevented_share\n2022-08,45%\n", 'prevented_share = "45%": not a number'),
        ("month,days_with_arrivals\n2021-02,29\n", 'days_with_arrivals = "29": .*from 0 to 28'),
        ("month,channel_arrivals,busiest_day\n2021-01,224,300\n",
         'line 2: busiest_day = "300": more than in the whole month'),
        ("month,channel_arrivals,channel_boats,people_per_boat\n2021-01,224,15,20\n",
         'line 2: people_per_boat = "20": does not follow'),
        ("month,chanel_arrivals\n2021-01,224\n", 'line 1 = "chanel_arr.*mean "channel_arrivals"'),
        ("month,channel_arrivals,\n2021-01,224,\n", "line 1.*unknown column"),
        ("month,channel_boats,channel_boats\n", 'line 1 = "channel_boats": a column given twice'),
        ("channel_arrivals,month\n224,2021-01\n", "the first column is the month"),
        (HEAD + "2021-01,224,\n", 'column = "channel_boats": nothing in the whole column'),
        ("month;channel_arrivals\n2021-01;224\n", "line 1 = .*unknown column.*commas between"),
        ("", "an empty file"),
        ("# only words\n", "no months below a header"),
        (HEAD, "no months below a header"),
        (HEAD + '2021-01,"224,15\n', "line 2 = .*no line of a CSV file"),
        (HEAD.encode("utf-16"), "no text in UTF-8"),
        (HEAD.encode() + b"2021-01,224,15 \xe9\n", "line 2: no text in UTF-8"),
        (HEAD.encode() + b"2021-01,\x00224,15\n", "no table"),
        (ods({"SB_01": []}), "a workbook; allowed: a CSV file of months; crossings data update"),
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
    ("", "Is a directory"), ("a\0b.csv", "not found"),
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
