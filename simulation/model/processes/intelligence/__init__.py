"""What happens on the corridor: one file a process."""
