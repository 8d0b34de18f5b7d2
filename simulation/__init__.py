"""Agent-based simulation of migrant smuggling from the Western Balkans to the Channel."""

__version__ = "0.1.0"
