"""The browser in which Mesa's viewer is tried."""

from __future__ import annotations

from tests.app.browser_fixtures import browser, started_chromium  # noqa: F401
