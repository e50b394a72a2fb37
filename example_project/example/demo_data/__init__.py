"""Ninety days of a site that never was: people, their numbers, and what became of each code.

The same seed makes the same days, so that a story can be found again. Nothing is sent: only rows are written.
"""
