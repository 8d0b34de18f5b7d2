"""Monthly counts and what may come after them: level, damped trend, season, changing volatility.

Three steps: `estimate` finds the model of a series from its own past, `paths` turns uniform draws
into possible futures, and `backtest` scores such forecasts on past months. The package knows
nothing of routes, people or runs.
"""
