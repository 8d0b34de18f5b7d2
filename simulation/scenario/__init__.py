"""Scenario files: their keys, how they are read, and the policy of each day."""

from simulation.scenario.scenario import Scenario, load_scenario, parse_scenario, scenario_of
from simulation.scenario.shipped import shipped_scenarios

__all__ = ["Scenario", "load_scenario", "parse_scenario", "scenario_of", "shipped_scenarios"]
