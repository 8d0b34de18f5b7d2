"""Whoever does not write TOML is told on one line what to write instead."""

# ruff: noqa: RUF001 (what people paste is the subject)
from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.errors import InputError
from simulation.scenario import parse_scenario
from simulation.scenario.files import toml_of
from simulation.scenario.toml_hints import value_hint
from tests.refusals import nothing_written, refusal
from tests.trust.scenario_cases import drawn

HEAD = 'title = "x"\nextends = "baseline"\n'
SHARING = HEAD + '[[sharing]]\nbetween = ["UK", "RS"]\n'
FUNDING = HEAD + '[[funding]]\nauthority = "FR"\nspend_on = { coast_patrol = 1 }\n'


def docx() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<w/>")
    return buffer.getvalue()


#: what is in the file -> the line it gets; `:5:` is the line number
SLIPS = {
    "curly quotes": (SHARING + "level = “high”", ":5: “high” is in curly quotes", '"high"'),
    "curly quotes in a list": (HEAD + "drop = [“a”, “b”]", ":3: “a” is in curly quotes", '"a"'),
    "curly single quotes": (SHARING + "level = ‘high’", ":5: ‘high’ is in curly", '"high"'),
    "one curly quote": (SHARING + 'level = "high”', ':5: "high” is in curly quotes', '"high"'),
    "low quotes": (SHARING + "level = „high“", ":5: „high“ is in curly quotes", '"high"'),
    "an apostrophe within": ("title = “it’s”\n", ":1: “it’s” is in curly quotes", '"it’s"'),
    "decimal comma": (SHARING + "level = 0,5", ":5: 0,5 is written with a comma", "0.5"),
    "decimal comma, negative": (SHARING + "level = -0,5", ":5: -0,5 is written with", "-0.5"),
    "decimal comma with a remark": (SHARING + "level = 0,5   # “half”",
     ":5: 0,5 is written with a comma", "0.5"),
    "decimal commas in a table": (
        FUNDING.replace("{ coast_patrol = 1 }", "{ coast_patrol = 0,5, analysis = 0,5 }"),
        ":5: 0,5 is written with a comma", "0.5",
    ),
    "decimal comma in quotes": (SHARING + 'level = "0,5"', ':5: "0,5" is a text', "0.5"),
    "comma of either kind": (SHARING + "delay_days = 1,500", ":5: 1,500 is written with a comma",
     "1500, or 1.500 if it is a fraction"),
    "thousands commas": (FUNDING + "amount = { GBP = 75,000,000 }",
     ":6: 75,000,000 is written with commas", "75_000_000"),
    "thousands points": (FUNDING + "amount = { EUR = 75.000.000 }", ":6: 75.000.000", "75_000_000"),
    "thousands spaces": (FUNDING + "amount = { EUR = 75 000 000 }", ":6: 75 000 000", "75_000_000"),
    "thousands in quotes": (FUNDING + 'amount = { GBP = "75,000,000" }',
     ':6: "75,000,000" is a text', "75_000_000"),
    "percent": (SHARING + "level = 75%", ":5: 75% is a percentage", "0.75"),
    "percent with a space": (SHARING + "level = 7,5 %", ":5: 7,5 % is a percentage", "0.075"),
    "percent in quotes": (SHARING + 'level = "75%"', ':5: "75%" is a text', "0.75"),
    "percent of a route": (HEAD + '[entries]\nbalkan = "150%"', ':4: "150%" is a text', "1.5"),
    "percent of an assumption": (HEAD + '[parameters]\nsea.persistence = "50 %"',
     ':4: "50 %" is a text', "0.5"),
    "pounds in quotes": (FUNDING + 'amount = { GBP = "£75m" }', ':6: "£75m" is a text',
     "75_000_000"),
    "pounds and no table": (FUNDING + 'amount = "£75m"', ':6: "£75m" is a text',
     "{ GBP = 75_000_000 }"),
    "pounds without quotes": (FUNDING + "amount = £75m", ":6: £75m is not how a sum",
     "{ GBP = 75_000_000 }"),
    "euro": (FUNDING + "amount = €2.5 million", ":6: €2.5 million", "{ EUR = 2_500_000 }"),
    "millions": (FUNDING + "amount = { GBP = 75m }", ":6: 75m is not a plain", "75_000_000"),
    "backslashes": ('title = "x"\nextends = "C:\\Users\\me\\mine.toml"',
     r':2: "C:\Users\me\mine.toml" is written with backslashes', '"C:/Users/me/mine.toml"'),
    "backslashes that stand for letters": ('title = "x"\nextends = "C:\\new\\table.toml"',
     r':2: "C:\new\table.toml" is written with backslashes', '"C:/new/table.toml"'),
    "a backslash in a long text": ('title = "x"\ndescription = """\nIn folder\nC:\\data\n"""\n',
     ":4: C:\\data", "C:/data"),
    "a date with slashes": (SHARING + 'level = "low"\nfrom = 07/11/2024',
     ":6: 07/11/2024 is not how a date",
     "2024-11-07 for 7 November 2024, or 2024-07-11 for 11 July 2024"),
    "a date that is one way round": (SHARING + 'level = "low"\nfrom = 31/12/2024',
     ":6: 31/12/2024 is not how a date", "2024-12-31 for 31 December 2024"),
    "a date with points": (SHARING + 'level = "low"\nfrom = 31.12.2024', ":6: 31.12.2024",
     "2024-12-31"),
    "an American date": (SHARING + 'level = "low"\nfrom = 12/31/2024', ":6: 12/31/2024",
     "2024-12-31 for 31 Dec"),
    "a date with slashes in quotes": (SHARING + 'level = "low"\nfrom = "07/11/2024"',
     ':6: "07/11/2024" is a text', "2024-11-07"),
    "the year first": (SHARING + 'level = "low"\nfrom = "2024/11/07"',
     ':6: "2024/11/07" is a text', "2024-11-07"),
    "the year first without quotes": (SHARING + 'level = "low"\nfrom = 2024/11/07',
     ":6: 2024/11/07 is not", "2024-11-07"),
    "no leading zeros": (SHARING + 'level = "low"\nfrom = 2024-7-1', ":6: 2024-7-1", "2024-07-01"),
    "a date with en dashes": (SHARING + 'level = "low"\nfrom = 2027–04–01',
     ":6: 2027–04–01 is not how a date", "2027-04-01"),
    "a date with en dashes in quotes": (SHARING + 'level = "low"\nfrom = "2027–04–01"',
     ':6: "2027–04–01" is a text', "2027-04-01"),
    "no day of the calendar": (SHARING + 'level = "low"\nfrom = 2027-02-30',
     ":6: 2027-02-30 is no day of the calendar", "2027-02-28 for 28 February 2027"),
    "no day of the calendar in quotes": (SHARING + 'level = "low"\nfrom = "2027-04-31"',
     ':6: "2027-04-31" is a text', "2027-04-30"),
    "day and month swapped": (SHARING + 'level = "low"\nfrom = 2027-13-01', ":6: 2027-13-01 is no",
     "2027-01-13"),
    "a month where a day belongs": (SHARING + 'level = "low"\nfrom = 2027-03',
     ":6: 2027-03 is a month and no day", "2027-03-01 for 1 March 2027"),
    "months without quotes": (FUNDING + "over = [2027-01, 2028-12]",
     ":6: 2027-01 has no quotes", '"2027-01"'),
    "a sum without a currency": (FUNDING + "amount = 75_000_000",
     ":6: 75_000_000 has no currency", "{ GBP = 75_000_000 } or { EUR = 75_000_000 }"),
    "a sum without a currency in quotes": (FUNDING + 'amount = "75m"',
     ":6: 75_000_000 has no currency", "{ GBP = 75_000_000 }"),
    "a date in words": (SHARING + 'level = "low"\nfrom = 7 November 2024', ":6: 7 November 2024",
     "2024-11-07"),
    "a date in words in quotes": (HEAD + '[run]\nstart = "1st Jan 2023"', ":4:", "2023-01-01"),
    "no quotes": (SHARING + "level = high", ":5: high has no quotes", '"high"'),
    "no quotes around a title": ("title = What if\n", ":1: What if has no quotes", '"What if"'),
    "a title that begins with a number": ("title = 75% of boats\n",
     ":1: 75% of boats has no quotes", '"75% of boats"'),
    "no quotes around a title with commas": ("title = Serbia, Bosnia and 2 others\n",
     ":1: Serbia, Bosnia and 2 others has no quotes", '"Serbia, Bosnia and 2 others"'),
    "no quotes in a list": (HEAD + "drop = [one, two]", ":3: one has no quotes", '"one"'),
    "no quotes in a list of lines": (
        HEAD + '[[raid]]\nauthority = "FR"\non = 2023-05-01\narrests = 9\nplaces = [\n'
        '  "calais",\n  dunkirk,\n]\n', ":9: dunkirk has no quotes", '"dunkirk"',
    ),
    "no closing quote": (SHARING + 'level = "high', ':5: "high has no closing quote', '"high"'),
    "no closing quote before others": ('title = "What if\nextends = "baseline"',
     ':1: "What if has no closing', '"What if"'),
    "no closing quote in a list": (HEAD + 'drop = ["one, "two"]', ':3: "one has no closing quote',
     '"one"'),
    "no opening quote": (SHARING + 'level = high"', ':5: high" has no opening quote', '"high"'),
    "yes": (SHARING + 'level = "low"\none_way = yes', ":6: yes is not how yes or no", "true"),
    "False": (HEAD + "[adaptation]\nprice = False", ":4: False is not how yes or no", "false"),
    "yes in quotes": (SHARING + 'level = "low"\none_way = "yes"', ':6: "yes" is a text', "true"),
    "UTF-16": (HEAD.encode("utf-16"), ": in UTF-16, not UTF-8", "the encoding UTF-8"),
    "UTF-16 the other way": (b"\xfe\xff" + HEAD.encode("utf-16-be"), ": in UTF-16, not UTF-8",
     "the encoding UTF-8"),
    "UTF-16 without a mark": (HEAD.encode("utf-16-le"), ": in UTF-16, not UTF-8", "UTF-8"),
    "Latin-1": ('extends = "baseline"\ntitle = "Café au lait"\n'.encode("latin-1"),
     ':2: "Café is not UTF-8 text', "the encoding UTF-8"),
    "Windows-1252": ('title = "x"\n# “half” – of it\n'.encode("cp1252"),
     ":2: “half” is not UTF-8", "UTF-8"),
    "a Word document": (docx(), ": a Word document (.docx", "text editor"),
    "a document of LibreOffice": (
        b"PK\x03\x04" + b"\0" * 26 + b"mimetypeapplication/vnd.oasis.opendocument.text",
        ": a Word document (.docx or .odt)", "text editor",
    ),
    "a rich text": (b"{\\rtf1\\ansi title = }", ": a Word document (.rtf)", "text editor"),
    "an old Word document": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99,
     ": an old Word document (.doc)", "text editor"),
    "a web page": (b"<!DOCTYPE html>\n<html>title = 1", ": a web page", "text editor"),
    "a PDF": (b"%PDF-1.7\n", ": a PDF", "text editor"),
    "an empty file": (b"", ": the file is empty", "crossings scenario new"),
    "blank lines": (b"\xef\xbb\xbf \r\n\t\r\n", ": the file is empty", "crossings scenario new"),
    "a tab in the title": ('title = "a\tb"\n', ':1: "a b" holds a tab', "a space"),
    "the first of several": ("title = “x”\nlevel = 0,5\n", ":1: “x” is in curly", '"x"'),
    "the first of several below": (SHARING + "level = 0,5\nfrom = 07/11/2024\nto = high",
     ":5: 0,5 is written with a comma", "0.5"),
    "the first of several in quotes": (SHARING + 'from = "07/11/2024"\nlevel = "75%"\n',
     ':5: "07/11/2024" is a text', "2024-11-07"),
    "the first of several in quotes, otherwise": (SHARING + 'level = "75%"\nfrom = "07/11/2024"\n',
     ':5: "75%" is a text', "0.75"),
}  # fmt: skip


@pytest.mark.parametrize("name", SLIPS)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_slip_gets_one_line_that_says_what_to_write(crossings, tmp_path, name, ends):
    content, problem, write = SLIPS[name]
    if isinstance(content, str):
        content = content.replace("\n", ends).encode()
    (tmp_path / "mine.toml").write_bytes(content)
    with nothing_written(tmp_path):
        line = refusal(crossings("scenario", "check", "mine.toml"))
    assert line.startswith(f"mine.toml{problem}"), line
    assert write in line.split(problem)[-1], line
    assert "TOML" not in line


def test_once_every_slip_is_put_right_the_file_is_good(crossings, tmp_path):
    wrong = SHARING + "level = 0,5\nfrom = 31/12/2023\none_way = Yes\n"
    for slip, right in (("0,5", "0.5"), ("31/12/2023", "2023-12-31"), ("Yes", "true")):
        (tmp_path / "mine.toml").write_text(wrong, encoding="utf-8")
        line = crossings("scenario", "check", "mine.toml").stderr
        assert f": {slip} is " in line
        assert f"write {right}" in line
        wrong = wrong.replace(slip, right)
    (tmp_path / "mine.toml").write_text(wrong, encoding="utf-8")
    assert crossings("scenario", "check", "mine.toml").exit_code == 0


def complaint(read, *given) -> str:
    """Why a file is refused; empty where it is not."""
    try:
        read(*given)
    except InputError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("text", ['adaptation = "£5"', 'run = "€5m"', 'title = "75%"'])
def test_a_sum_of_money_is_meant_only_where_one_belongs(text):
    line = complaint(parse_scenario, 'extends = "baseline"\n' + text, "mine.toml")
    assert "write" not in line


@pytest.mark.parametrize("text", [
    "[[sharing]", "level high", "a = 1 2", "a = 1.5.3", "f = 30/02/2024", "on = 2023-00-30",
    "title = 'it's'", "a = 07", "x = [1, 2", "= 1", "a.b.c", "]", "a = {b = 1", "x = 1e5,",
    "[x]\n[x]", 'a = """x', "on = 99/99/9999", "a = 1,2,3", "a = 12,34",
    "# just 0,5 and “words”\n[", "level: high",
])  # fmt: skip
def test_another_mistake_is_taken_for_no_slip(text):
    line = complaint(toml_of, (HEAD + text).encode(), "mine.toml")
    assert line
    assert "write" not in line or "12.34" in line, line


@given(st.randoms(use_true_random=False))
def test_what_is_told_of_a_drawn_scenario_is_never_that_it_is_no_toml(r):
    """Files written by a program hold no slip of the pen: only their values may be wrong."""
    assert "quote" not in complaint(toml_of, drawn(r), "mine.toml")


@given(
    st.floats(0.001, 1e6, allow_nan=False).map(lambda x: round(x, 3)), st.sampled_from([",", "%"])
)
def test_a_number_that_is_told_is_the_number_that_was_meant(value, mark):
    digits = f"{value:.3f}"
    if mark == "," and digits[0] != "0" and len(digits.split(".")[0]) <= 3:
        return  # three digits behind a comma may be thousands: both are told
    text = digits.replace(".", ",") if mark == "," else digits + "%"
    hint = value_hint(text, "number")
    right = float(hint.split("; write ")[1].replace("_", ""))
    assert right == pytest.approx(value if mark == "," else value / 100)


def test_a_slip_in_a_list_of_levers_in_one_value_has_its_line():
    with pytest.raises(InputError, match=r'^mine\.toml:4: "0,5" is a text'):
        parse_scenario(
            HEAD + 'sharing = [{between = ["UK", "RS"], level = 0.1},\n'
            '{between = ["UK", "FR"], level = "0,5"},\n{between = ["UK", "FR"], level = "0,5"}]\n',
            "mine.toml",
        )
