"""What is assumed: every number of the model that a planner does not set."""

from simulation.parameters.records import Group, Parameters, Record, load_parameters

__all__ = ["Group", "Parameters", "Record", "load_parameters"]
