"""What `crossings doctor` looks at: folders, data, fit, and a small run."""
