"""Codes of this app's own making, carried by any SMS gateway."""

from django_ding.backends.sms.backend import SMSBackend
from django_ding.backends.sms.gateways import ConsoleGateway, FileGateway, HTTPGateway, SMSMessage

__all__ = ["ConsoleGateway", "FileGateway", "HTTPGateway", "SMSBackend", "SMSMessage"]
