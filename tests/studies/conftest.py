"""A question for the tests of studies."""

from __future__ import annotations

import pytest

from tests.answering import sides_in


@pytest.fixture
def sides(tmp_path):
    """A baseline and a policy."""
    return sides_in(tmp_path)
