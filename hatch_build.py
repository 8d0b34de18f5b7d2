"""Puts a pack of compiled code into a wheel, which is then for one Python and one platform.

    uv run crossings doctor --pack compiled.zip
    CROSSINGS_PACK=compiled.zip uv build --wheel

The pack must be of the Python that builds. An installed package uses it where it fits.
"""

from __future__ import annotations

import os
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PackHook(BuildHookInterface):
    """Adds the file that `CROSSINGS_PACK` names, if it names one."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the file before the wheel is built."""
        if pack := os.environ.get("CROSSINGS_PACK"):
            build_data["force_include"][os.path.abspath(pack)] = "simulation/compiled.zip"
            build_data |= {"infer_tag": True, "pure_python": False}
