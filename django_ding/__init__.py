"""Phone verification for Django, with Ding's OTP API."""

__version__ = "0.1.0"
