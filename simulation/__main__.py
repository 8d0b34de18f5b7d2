"""`python -m simulation` is the command `crossings`."""

from __future__ import annotations

from simulation.entrypoint import main

if __name__ == "__main__":
    main()
