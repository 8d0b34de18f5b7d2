"""The levers of a scenario, one module each; `registry` finds them."""
