"""The report of a run or an experiment: figures and the page that holds them."""
