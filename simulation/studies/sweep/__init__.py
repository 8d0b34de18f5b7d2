"""A sweep: levers or assumptions at several values, and what arrivals answer."""
