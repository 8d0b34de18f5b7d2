"""Files in the layouts of the publishers, written by code from the tables in use.

Figures of months before 2026 are those of the tables, spread over days, nationalities and quarters
by rules of our own. Figures of later months are made up and counted up from 1,000 or so: nothing of
any publisher is in these files.
"""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date, timedelta
from xml.sax.saxutils import escape

from xlsxwriter import Workbook

from simulation.corridor.in_use import shipped
from simulation.data.detections import SERIES
from simulation.data.reading import CHANNEL, FRONTEX, ORIGINS, YEARLY, Key
from simulation.data.tables import Tables, read_texts
from simulation.timeseries.months import last_day, month_after

Cell = str | int | float | bool | date | None
Rows = list[list[Cell]]

SPACES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
)
MANIFEST = b"""<?xml version="1.0" encoding="UTF-8"?>
<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">
<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>
</manifest:manifest>"""
DAILY = ["Date", "Migrants arrived", "Boats arrived"]
DAILY += ["Boats arrived involved in uncontrolled landings", "Notes"]
WEEKLY = ["Week ending", "Migrants arrived", "Boats arrived"]
WEEKLY += ["Boats arrived involved in uncontrolled landings", "Migrants prevented"]
WEEKLY += ["Events prevented", "Notes"]


def days_of_month(month: str) -> list[date]:
    """The days of a month such as "2023-01", in order."""
    last = last_day(month)
    return [last.replace(day=day) for day in range(1, last.day + 1)]


def days_of_week(end: date) -> list[date]:
    """The seven days of the week that ends on a day, in order."""
    return [end - timedelta(days=back) for back in range(6, -1, -1)]


def ods(sheets: dict[str, Rows]) -> bytes:
    """An OpenDocument workbook, with the repeated empty cells and rows that programs write."""
    end = '<table:table-cell table:number-columns-repeated="16370"/></table:table-row>'
    body = "".join(
        f'<table:table table:name="{escape(name)}">'
        + "".join(f"<table:table-row>{''.join(map(_cell, row))}{end}" for row in rows)
        + '<table:table-row table:number-rows-repeated="1040000">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row></table:table>'
        for name, rows in sheets.items()
    )
    return ods_of(body)


def ods_of(body: str, **others: bytes) -> bytes:
    """An OpenDocument workbook with this inside its spreadsheet element."""
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {SPACES}><office:body>'
        f"<office:spreadsheet>{body}</office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    parts = {"mimetype": kind.encode(), "content.xml": content.encode()}
    return zipped({**parts, "META-INF/manifest.xml": MANIFEST, **others})


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def _cell(value: Cell) -> str:
    of, text = "", escape(str(value))
    match value:
        case None:
            return "<table:table-cell/>"
        case bool():
            kind, of, text = "boolean", f'office:boolean-value="{text.lower()}"', text.upper()
        case date():
            kind, of, text = "date", f'office:date-value="{value}T00:00:00"', f"{value:%d/%m/%Y}"
        case int() | float():
            kind, of, text = "float", f'office:value="{value}"', f"{value:,}"
        case _:
            kind = "string"
    typed = f'office:value-type="{kind}" {of}'
    return f"<table:table-cell {typed}><text:p>{text}</text:p></table:table-cell>"


def xlsx(sheets: dict[str, Rows]) -> bytes:
    """An Excel workbook."""
    buffer = io.BytesIO()
    with Workbook(buffer, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return buffer.getvalue()


TABLES = Tables(read_texts(shipped()))
ROUTES = {
    "wb_detections": "Western Balkan Route",
    "eastern_med_detections": "Eastern Mediterranean Route",
    "central_med_detections": "Central Mediterranean Route",
    "western_med_detections": "Western Mediterranean Route",
    "western_african_detections": "Western African Route",
    "eastern_land_detections": "Eastern Land Borders Route",
}
METHODS = {
    "irregular_air": "Inadequately documented air arrivals",
    "irregular_ports": "Recorded detections at UK ports",
    "irregular_inland": "Recorded detections in the UK",
    "irregular_small_boats": "Small boat arrivals",
}
NATIONALITIES = {
    "afghanistan": "Afghanistan", "syria": "Syria", "iraq": "Iraq", "iran": "Iran",
    "turkey": "Turkey", "south_asia": "Pakistan", "horn_of_africa": "Eritrea",
    "north_africa": "Egypt", "vietnam": "Vietnam", "albania": "Albania",
    "visa_free_serbia": "India", "other": "Chad", "not_recorded": "Not currently recorded",
}  # fmt: skip


def months_to(last: str, table: str) -> list[str]:
    """The months of a table, and on to a later one."""
    months = TABLES.periods(table)
    while months[-1] < last:
        months.append(month_after(months[-1]))
    return [month for month in months if month <= last]


def figure(table: str, period: str, series: str, default: int) -> int:
    """A figure in use, or one that is made up."""
    value = TABLES.value(Key(table, period, series))
    return default if value is None else int(value)


def small_boats(
    last: str, revised: dict[str, int] | None = None, more_days: int = 0
) -> dict[str, Rows]:
    """The small boats time series to a month; made-up figures after the months in use.

    Args:
        last: The last whole month.
        revised: Month to people more than in use, on its busiest day but one.
        more_days: Days of the next month, so that it is not whole.
    """
    daily: Rows = []
    by_day: dict[date, int] = {}
    defaults = {"channel_boats": 20, "days_with_arrivals": 10, "busiest_day": 300}
    for k, month in enumerate(months_to(last, CHANNEL)):
        people = figure(CHANNEL, month, "channel_arrivals", 1000 + k)  # made up
        people += (revised or {}).get(month, 0)
        spread = _spread(people, *(figure(CHANNEL, month, *one) for one in defaults.items()))
        for number, day in enumerate(days_of_month(month)):
            by_day[day], of_boats = spread[number] if number < len(spread) else (0, 0)
            daily.append([day, by_day[day], of_boats, "-", None])
    after = last_day(last)
    daily += [[after + timedelta(days=k + 1), 0, 0, 0, None] for k in range(more_days)]
    weekly: Rows = []
    for end in (date(2018, 1, 7) + timedelta(days=7 * k) for k in range(10_000)):
        if end > after:
            break
        week = sum(by_day.get(day, 0) for day in days_of_week(end))
        counted = end >= date(2024, 5, 5)
        weekly.append([end, week, 1, "-", 430 if counted else "-", 9 if counted else "-", None])
    title: Rows = [["Table SB_01: people detected [note 1]"], ["This sheet has one table"], []]
    notes: Rows = [[], ["Note 1: figures are provisional."], ["Source: made by a test"]]
    return {
        "Cover": [["Small boat activity"]],
        "SB_02": [["Weekly"], WEEKLY, *weekly],
        "SB_01": [*title, DAILY, *daily, *notes],
        "Notes": [["Note", "Text"]],
    }


def _spread(people: int, boats: int, days: int, busiest: int) -> list[tuple[int, int]]:
    """People and boats of the days with arrivals: the busiest first, every day with someone."""
    if days == 0:
        return []
    out_people, out_boats = [busiest if days > 1 else people], [1]
    for rest in range(days - 1, 0, -1):
        out_people.append((people - sum(out_people)) // rest)
        out_boats.append(max((boats - sum(out_boats)) // rest, 1))
    out_boats[0] += boats - sum(out_boats)
    return list(zip(out_people, out_boats, strict=True))


def detections(last: str, revised: dict[tuple[str, str], int] | None = None) -> dict[str, Rows]:
    """Frontex's detections to a month, made up after the months in use.

    Args:
        last: The last month.
        revised: (Series, month) to another figure.
    """
    names = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
    months = months_to(last, FRONTEX)
    header: list[Cell] = ["Route", "Border type or inland", "Nationality"]
    header += [f"{names[int(month[5:]) - 1]}{month[:4]}" for month in months]
    rows: Rows = []
    for series in SERIES:
        used = [figure(FRONTEX, month, series, 1000) for month in months]  # made up
        values = [(revised or {}).get((series, m), v) for m, v in zip(months, used, strict=True)]
        rows.append([ROUTES[series], "Land", "Syria", *(value // 3 for value in values)])
        rows.append([ROUTES[series], "Land", "Türkiye", *(v - v // 3 for v in values)])
    other = []
    for month in months:
        total = TABLES.value(Key(FRONTEX, month, "all_routes_detections"))
        of_routes = sum(TABLES.value(Key(FRONTEX, month, name)) or 0 for name in SERIES)
        other.append(5 if total is None else int(total - of_routes))
    rows.append(["Circular Route from Albania to Greece", "Land", "Albania", *other])
    return {
        "Notes": [["Figures may be revised"]],
        "Detections_of_IBC": [[], header, *rows, [], ["* as recognised"]],
    }


def illegal_entry(
    last: str, sheet: str = "Data_IER_D01", revised: dict[tuple[str, str], int] | None = None
) -> dict[str, Rows]:
    """Illegal entry routes to a quarter ("2025 Q4"), of the years whose groups are all known."""
    rows: Rows = []
    for year in range(2018, int(last[:4]) + 1):
        for series, method in METHODS.items():
            if series == "irregular_small_boats":
                of = {group: figure(ORIGINS, str(year), group, 0) for group in NATIONALITIES}
            else:
                of = {"other": figure(YEARLY, str(year), series, 100)}
            for group, people in of.items():
                people += (revised or {}).get((str(year), group), 0) * (len(of) > 1)
                for quarter in range(1, 5):
                    if f"{year} Q{quarter}" > last:
                        continue
                    part = people // 4 if quarter < 4 else people - 3 * (people // 4)
                    rows.append(
                        [str(year), f"{year} Q{quarter}", method, NATIONALITIES[group], "Asia",
                         "Male", "25 to 39", part]
                    )  # fmt: skip
    header: list[Cell] = [
        "Year", "Quarter", "Method of entry", "Nationality", "Region", "Sex", "Age Group",
        "Number of detections",
    ]  # fmt: skip
    return {
        "Contents": [["Sheets"]],
        "Data_IER_D02": [["Other"], ["Year", "Claims"], [2025, 1]],
        sheet: [["Illegal entry routes to the UK"], header, *rows, [], ["End of table"]],
    }


def missing_migrants(last: int, *, names: str = "words", quarters: int = 4) -> str:
    """Incidents to the end of a year, one a year and place, in one of the two headers."""
    header = {
        "words": ["Main ID", "Incident ID", "Region of Incident", "Incident Date", "Incident Year",
                  "Number of Dead", "Minimum Estimated Number of Missing",
                  "Total Number of Dead and Missing", "Cause of Death", "Migration Route",
                  "Location of Incident", "Coordinates"],
        "database": ["web_id", "id", "region", "reported_date", "reported_year", "number_dead",
                     "number_missing", "total_dead_and_missing", "cause_death", "migration_route",
                     "location_description", "location_coodinates"],
    }[names]  # fmt: skip
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    number = 0

    def add(day: date, dead: int, cause: str, route: str, where: str) -> None:
        nonlocal number
        number += 1
        when = f"{day:%Y-%m-%d}" if names == "words" else f"{day:%a}, {day:%m/%d/%Y} - 00:00"
        writer.writerow([f"{day.year}.MMP{number:05d}", f"{number}", "Europe", when, day.year,
                         dead, 0, f"{dead:,}", cause, route, where, "51.0, 1.5"])  # fmt: skip

    for year in range(2014, last + 1):
        channel, corridor = (
            figure(YEARLY, str(year), f"{where}_deaths", 0) for where in ("channel", "corridor")
        )
        add(date(year, 2, 1), 1500, "Drowning", "Central Mediterranean", "Off Libya")
        add(date(year, 3, 1), channel, "Drowning", "Mainland Europe to the UK",
            'Beach at Wissant, "Channel"')  # fmt: skip
        add(date(year, 4, 1), 3, "Vehicle accident / death linked to hazardous transport",
            "Mainland Europe to the UK", "A16 near the coast")  # fmt: skip
        add(
            date(year, 5, 1), corridor, "Harsh environmental conditions", "Western Balkans", "Drina"
        )
    add(date(last + 1, 1, 2), 2, "Drowning", "Western Balkans", "Drina")
    return out.getvalue()
