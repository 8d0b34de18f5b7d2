"""Findings in sentences, the same for terminal, page, app and Python."""
