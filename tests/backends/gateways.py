"""Gateways for SMSBackend, named in settings by their dotted path."""

from dataclasses import replace

from django_ding.backends.sms import SMSMessage
from django_ding.exceptions import InputError

delivered: list[SMSMessage] = []


def deliver(message):
    """A gateway that is a function."""
    delivered.append(message)


def fail(message):
    """A gateway with a bug that says too much."""
    raise RuntimeError(f"{message.phone_number}: {message.text}")


def reject(message):
    raise InputError.from_code("blocked_number")


class Gateway:
    """A gateway that is a class."""

    def __init__(self, *, prefix="", fault=None):
        self.prefix = prefix
        self.fault = fault

    def deliver(self, message):
        if self.fault:
            raise self.fault
        delivered.append(replace(message, text=self.prefix + message.text))
