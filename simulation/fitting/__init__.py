"""Fitting the uncertain parameters to what was counted, and asking how well that predicts."""
