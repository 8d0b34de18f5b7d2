"""A test in a browser that fails is tried once more in a fresh one; both outcomes are printed."""

from __future__ import annotations

import pytest
from _pytest.runner import runtestprotocol

#: the fixture by which a test is known to use a browser
BROWSER = "started_chromium"
#: property of the reports of a second attempt: why the first failed
FIRST = "why the first attempt failed"


def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Run a test, and a second time in a fresh browser if it uses one and fails."""
    if BROWSER not in getattr(item, "fixturenames", ()):
        return None
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    reports = runtestprotocol(item, nextitem=nextitem, log=False)
    if failed := [report for report in reports if report.failed]:
        from tests.app.browser_fixtures import Chromium

        Chromium.renew_all()
        text = "\n".join(f"{report.when}: {report.longreprtext}" for report in failed)
        item.user_properties.append((FIRST, text))
        reports = runtestprotocol(item, nextitem=nextitem, log=False)
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print both outcomes of every test that was tried again."""
    reports = [one for group in terminalreporter.stats.values() for one in group]
    reasons = {
        report.nodeid: dict(report.user_properties)[FIRST]
        for report in reports
        if FIRST in dict(getattr(report, "user_properties", ()))
    }
    failed = {report.nodeid for report in reports if getattr(report, "failed", False)}
    if reasons:
        terminalreporter.section("tried again in a fresh browser")
    for test, reason in reasons.items():
        terminalreporter.line(f"{test}: failed, then {'failed' if test in failed else 'passed'}")
        terminalreporter.line(f"{reason}\n")
