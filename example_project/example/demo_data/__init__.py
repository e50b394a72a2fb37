"""Ninety days of an invented site: its people, their numbers, and what became of each code.

The same seed builds the same days, so that a timeline can be found again. Nothing is sent: only rows are written.
"""
