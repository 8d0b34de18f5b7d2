"""Estimates of policies at once: from libraries of runs, done before."""
