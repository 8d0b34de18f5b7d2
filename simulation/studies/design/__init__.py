"""A design: a table of scenarios, sets, futures and seeds, and what each of its rows gives."""
