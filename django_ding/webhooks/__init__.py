"""Webhooks from providers: URLs, and the views behind them."""
