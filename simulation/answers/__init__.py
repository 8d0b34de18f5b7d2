"""Answers by version, fit and data: the ledger, and two results of one question side by side."""
