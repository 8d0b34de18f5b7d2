"""The model: who acts, what happens on a day, in which order, and its face as a Mesa model."""
