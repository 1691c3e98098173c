"""Measures held against the plan: rows, gap lists, the scorecard, and the words they are told in."""
