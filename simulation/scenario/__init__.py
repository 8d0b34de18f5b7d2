"""What is asked: scenario files, what they may say, and the calendar of their levers."""

from simulation.scenario.scenario import Scenario, load_scenario, parse_scenario
from simulation.scenario.shipped import shipped_scenarios

__all__ = ["Scenario", "load_scenario", "parse_scenario", "shipped_scenarios"]
