"""Why believe it: forecasts of a year that was held out, beside naive ones, and how both did."""
