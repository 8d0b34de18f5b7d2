"""A browser that crashes fails the test it was used by, and none of those after it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Error

from tests.app.browser_fixtures import close

pytestmark = pytest.mark.slow


def test_a_browser_that_has_crashed_is_started_anew(started_chromium):
    before = started_chromium.running()
    assert started_chromium.running() is before
    context = before.new_context()
    page = context.new_page()
    with pytest.raises(Error), page.expect_event("close"):
        before.new_browser_cdp_session().send("Browser.crash")
    close(context)
    page = started_chromium.running().new_page()
    page.set_content("<p>Here</p>")
    assert page.inner_text("p") == "Here"
