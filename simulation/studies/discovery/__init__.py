"""Scenario discovery: the assumptions under which a scenario fails."""
