"""The first example of a property may have to wait for a compiler."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("compiling", deadline=None)
settings.load_profile("compiling")
