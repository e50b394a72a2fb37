"""The provider's behaviour, without HTTP: both versions of its API on one memory."""

from .authentications import Authentications
from .lookup import LINE_TYPES, SimLookup, describe_line
from .management import Management
from .special_numbers import NORMAL, special_number
from .verifications import Verifications


class Simulator(Authentications, Verifications, Management):
    """A provider in memory. Every method may be called from any thread.

    Each version of the API has authentications of its own, and both have the same messages, numbers and limits.

    :param options: the behaviour that the provider's documentation leaves open.
    :param clock: returns the current time, aware; real time by default.
    :param background: deliver webhooks from a thread. Without it, they wait for ``webhooks.run_due()``.
    :param accepts_webhooks_to: returns whether webhooks may be posted to a URL; by default to any.
    """

    def lookup(self, phone_number: str, outcome: str = NORMAL) -> SimLookup:
        """Return what is known of a number.

        :param outcome: a line type in version 1's words replaces the one that the digits show.
        """
        special = special_number(phone_number)
        line_type = outcome if outcome in LINE_TYPES else None
        return describe_line(phone_number, line_type=line_type, ported=special.ported, temporary=special.temporary)
