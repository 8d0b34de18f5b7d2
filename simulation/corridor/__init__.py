"""The corridor: places, legs, authorities and the series observed on them."""

from simulation.corridor.coastline import load_coastline
from simulation.corridor.futures import Futures, load_futures
from simulation.corridor.network import (
    BALKAN,
    DESTINATIONS,
    MODES,
    ROUTES,
    STAFF_KINDS,
    Corridor,
    Leg,
    Place,
    load_corridor,
)
from simulation.corridor.observed import (
    InputRange,
    Observed,
    Origins,
    RouteEntries,
    arrivals_by_origin,
    input_range,
    load_indicators,
    load_observed,
    load_origins,
)
from simulation.corridor.stages import STAGES

__all__ = [
    "BALKAN", "DESTINATIONS", "MODES", "ROUTES", "STAFF_KINDS", "STAGES", "Corridor", "Futures",
    "InputRange", "Leg", "Observed", "Origins", "Place", "RouteEntries",
    "arrivals_by_origin", "input_range", "load_coastline", "load_corridor", "load_futures",
    "load_indicators", "load_observed", "load_origins",
]  # fmt: skip
