"""What is assumed: every number of the model that a planner does not set."""

from simulation.parameters.records import Parameters, Record, load_parameters

__all__ = ["Parameters", "Record", "load_parameters"]
