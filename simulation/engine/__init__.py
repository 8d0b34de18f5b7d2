"""How runs are requested, run, stored and resumed."""
