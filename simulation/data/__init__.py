"""Data that a user keeps current: files as published, read, checked and put in use."""
