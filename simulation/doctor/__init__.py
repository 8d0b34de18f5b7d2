"""What `crossings doctor` looks at: the machine, the installation, and a small run."""
