"""How runs are asked for, run, kept and taken up again."""
