"""What an institution needs to adopt an answer: an assurance pack from records, and its check."""
