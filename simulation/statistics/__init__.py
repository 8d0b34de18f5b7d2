"""Estimates from runs: paired differences, intervals, indices, boxes."""
