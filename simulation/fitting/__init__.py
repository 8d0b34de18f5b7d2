"""Fitting the uncertain assumptions to what was observed."""
