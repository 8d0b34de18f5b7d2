"""What is asked: scenario files, what they may say, and the calendar of their levers."""

from simulation.scenario.files import shipped_scenarios
from simulation.scenario.load import load_scenario, parse_scenario
from simulation.scenario.schema import Scenario

__all__ = ["Scenario", "load_scenario", "parse_scenario", "shipped_scenarios"]
