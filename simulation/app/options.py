"""What the server was started with; the same for all visitors, and never changed by one."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from simulation.app.draft import Draft


@dataclass
class AppOptions:
    """What a page opens with.

    Attributes:
        draft: The what-if that is shown first.
        results: The folder whose results can be read, and into which estimates are written.
    """

    draft: Draft = field(default_factory=Draft)
    results: Path = Path("results")


#: set by the server before it serves
OPTIONS = AppOptions()
