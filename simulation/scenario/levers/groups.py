"""Groups of levers: headings of the template, and panels of the app, in the order of `registry`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LeverGroup:
    """Levers that stand together.

    Attributes:
        heading: Heading in the template.
        panel: Title of the panel of the app in which their forms are.
        before: Lines of the template before the levers.
        after: Lines of the template after them.
    """

    heading: str
    panel: str
    before: str = ""
    after: str = ""


SHARING = LeverGroup(
    heading="Intelligence sharing",
    panel="Agreements, one by one",
    before="""\
# level: none, low, medium, high, full, or a number from 0 (none) to 1 (full).
# between: two authorities or groups. Authorities are country codes (TR GR BG MK XK AL ME RS BA RO
# HU HR SI IT AT DE CH BE FR), UK-CI, UK-BI, UK-IN, EUROPOL and FRONTEX; groups are UK, EU, WB6,
# CALAIS and EPC. The same group twice means within the group. Later entries override earlier ones.
{common}
""",
    after="""\
# [sharing_default]           # all pairs that no [[sharing]] names
# level = "none"
""",
)
MONEY = LeverGroup(heading="Money and staff", panel="Staff and funding")
OPERATIONS = LeverGroup(heading="Operations and raids", panel="Operations with dates")
ENTRY = LeverGroup(heading="Visas, returns, legal ways", panel="Visas, returns and legal ways")
ARRIVED = LeverGroup(heading="Returns after arrival", panel="Returns after arrival")
AT_BORDERS = LeverGroup(heading="At sea and at borders", panel="At sea and at borders")
TIMES = LeverGroup(
    heading="More people, smaller boats, less searched lorries",
    panel="More people, smaller boats, less searched lorries",
)
