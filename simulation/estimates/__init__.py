"""Estimates of policies on the outlook, at once: runs of a library of them, done before."""
