"""Many runs: replications of a scenario, and the folders they are written to."""
