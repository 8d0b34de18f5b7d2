"""The questions that an experiment answers."""
