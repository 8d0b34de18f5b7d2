"""Scenario files: their keys, how they are read, and the policy of each day."""

from simulation.scenario.scenario import Scenario, load_scenario, parse_scenario
from simulation.scenario.shipped import shipped_scenarios

__all__ = ["Scenario", "load_scenario", "parse_scenario", "shipped_scenarios"]
