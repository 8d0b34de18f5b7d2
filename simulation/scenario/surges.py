"""Where `simulation.processes.entries` finds the people of waves."""

from simulation.scenario.levers.wave import wave_people

__all__ = ["wave_people"]
