"""The corridor in the browser: what a planner sees, moves and takes away."""
