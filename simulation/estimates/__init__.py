"""A surrogate of the effects of policies on the outlook: its design, its training, its answers."""
