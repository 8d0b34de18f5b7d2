"""`crossings fit` on the real model, in a very short window."""

from __future__ import annotations

import pytest

from simulation.parameters.fitted import load_fitted
from tests.reading import summary_of

SCENARIO = """
title = "A short past"
extends = "history"

[run]
start = 2023-05-01
end = 2023-06-30
warm_up_days = 1
"""


@pytest.mark.slow
def test_a_fit_of_the_real_model(crossings, tmp_path):
    (tmp_path / "short.toml").write_text(SCENARIO, encoding="utf-8")
    command = [
        "fit", "short.toml", "--budget", "50", "--scale", "0.02", "--workers", "2", "--out", "f",
        "--document", "docs/page.md",
    ]  # fmt: skip
    done = crossings(*command)
    assert done.exit_code == 0, done.output
    assert "yearly figures lie in the 90% interval" in done.output
    summary = summary_of(tmp_path / "f")
    assert summary["window"] == ["2023-05", "2023-06"]
    assert {row["months"] for row in summary["predictive"]} == {2}
    fitted = load_fitted(tmp_path / "f" / "fitted.json")
    assert fitted is not None
    assert summary["members_used"] == 50
    assert 0 < fitted.size <= 50
    assert fitted.provenance["window"] == ["2023-05", "2023-06"]
    assert fitted.provenance["command"].startswith("crossings fit short --from 2023-05")
    page = (tmp_path / "docs" / "page.md").read_text(encoding="utf-8")
    assert f"`{fitted.hash}`" in page
    assert "--document docs/page.md" not in fitted.provenance["command"]
    assert (tmp_path / "docs" / "img" / "fit-channel_boats.svg").exists()
    assert "Put into docs/page.md." in done.output
    assert "Nothing to run" in crossings(*command).output
