"""A URLconf that can't be imported."""

raise ZeroDivisionError
