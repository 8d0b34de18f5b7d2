"""The levers of a scenario, each in a module of its own; `registry` lists them."""
