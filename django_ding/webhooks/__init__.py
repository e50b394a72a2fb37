"""Callbacks from the provider: an address per authentication, and the view behind it."""
