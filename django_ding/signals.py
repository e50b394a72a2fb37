"""Signals a project can listen to.

Each is sent after the row is committed, with ``send_robust``: a receiver that fails is logged by Django under
``django.dispatch`` and takes nothing back. ``sender`` is the ``Authentication`` class, unless said otherwise. None
carries a code.
"""

from django.dispatch import Signal

#: The provider accepted a message: the first one or a retry.
#: Arguments: ``authentication``; ``attempt_number``, 1 for the first message.
code_sent = Signal()

#: No message is known to have gone out, the first one or a retry: the provider refused it, or gave no answer. After a
#: time-out one may have gone out all the same.
#: Arguments: ``authentication``; ``error_code``, such as ``"spam_detected"``, ``"invalid_line"`` or ``"timeout"``.
send_failed = Signal()

#: The provider was asked about a code. Arguments: ``authentication``; ``status``, a ``CheckStatus``.
code_checked = Signal()

#: A number was proven, once per authentication. Arguments: ``authentication``, whose ``user`` is ``None`` for somebody
#: who is not signed in; ``phone_number``, the ``PhoneNumber`` row, ``None`` when none was claimed.
phone_verified = Signal()

#: A callback or ``sync`` brought news of the newest message: time to offer another channel when it is
#: ``"undeliverable"``. Arguments: ``authentication``; ``delivery_status``, a ``DeliveryStatus``.
delivery_updated = Signal()

#: Too few of the codes to a prefix or a country were entered, so no more are sent there for a while; once per block.
#: ``sender`` is the ``Block`` class. Arguments: ``block``, the row that says what is blocked, why and until when.
pumping_suspected = Signal()

#: A user has a number no longer. ``sender`` is ``PhoneNumber``.
#: Arguments: ``user``, who had it; ``phone_number``, its E.164 text; ``reason``: ``"removed"``, ``"replaced"`` by
#: another one of theirs, ``"taken_over"`` by another user, or ``"erased"`` with all that is kept of a person. Not sent
#: when the user is deleted: Django's own ``pre_delete`` tells that.
phone_released = Signal()

#: A number went to another user, who proved it, as ``DING["NUMBER_TAKEOVER"]`` allows: the moment to tell the former
#: owner. Sent after ``phone_released``. ``sender`` is ``PhoneNumber``.
#: Arguments: ``phone_number``, the ``PhoneNumber`` row of the new owner's; ``former_user``.
phone_taken_over = Signal()
