"""Agreements between authorities to share more: which one buys most."""
