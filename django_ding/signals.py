"""Signals that a project can listen to.

Each is sent after the row is committed, with ``send_robust``: a failing receiver is logged by Django under
``django.dispatch`` and undoes nothing. ``sender`` is the ``Authentication`` class, unless said otherwise. None
carries a code.
"""

from django.dispatch import Signal

#: The provider accepted a message: the first one or a retry.
#: Arguments: ``authentication``; ``attempt_number``, 1 for the first message.
code_sent = Signal()

#: A message wasn't sent, the first one or a retry: the provider refused it or didn't respond. After a timeout it may
#: have been sent nevertheless.
#: Arguments: ``authentication``; ``error_code``, such as ``"spam_detected"``, ``"invalid_line"`` or ``"timeout"``.
send_failed = Signal()

#: The provider checked a code. Arguments: ``authentication``; ``status``, a ``CheckStatus``.
code_checked = Signal()

#: A right code was entered, once per authentication. Arguments: ``authentication``, whose ``user`` is ``None`` for an
#: anonymous visitor; ``phone_number``, the ``PhoneNumber`` row, ``None`` when none was linked.
phone_verified = Signal()

#: A webhook or ``refresh`` changed the newest message's delivery status: time to offer another channel when it is
#: ``"undeliverable"``. Arguments: ``authentication``; ``delivery_status``, a ``DeliveryStatus``.
delivery_updated = Signal()

#: Too few codes sent to a prefix or a country were entered, so it is blocked for a while; once per block.
#: ``sender`` is the ``Block`` class. Arguments: ``block``, the row with what is blocked, why and until when.
pumping_suspected = Signal()

#: ``watch`` found that fewer codes than usual are delivered or entered: of all, or of a backend, country or carrier.
#: Each call sends it again while it lasts. Arguments: ``drop``, a :class:`django_ding.services.Drop`.
outage_suspected = Signal()

#: Too many wrong codes in a row were entered for a number or by a user, so none is accepted any more; once per lockout.
#: ``sender`` is the ``Lockout`` class. Arguments: ``lockout``, the row with what is locked out.
locked_out = Signal()

#: A user no longer owns a number. ``sender`` is ``PhoneNumber``.
#: Arguments: ``user``, the former owner; ``phone_number``, its E.164 text; ``reason``: ``"removed"``, ``"replaced"`` by
#: another one of theirs, ``"taken_over"`` by another user, or ``"erased"`` with a person's other data. Not sent
#: when the user is deleted: for that there is Django's own ``pre_delete``.
phone_released = Signal()

#: A number moved to another user, who verified it, as ``DING["NUMBER_TAKEOVER_DAYS"]`` allows: the moment to notify the
#: former owner. Sent after ``phone_released``. ``sender`` is ``PhoneNumber``.
#: Arguments: ``phone_number``, the new owner's ``PhoneNumber`` row; ``former_user``.
phone_taken_over = Signal()

#: Another one of a user's numbers became primary: the user chose it, or the former one was removed, replaced or taken
#: over. Not sent for a user's first number, nor when the last one goes. ``sender`` is ``PhoneNumber``.
#: Arguments: ``phone_number``, the ``PhoneNumber`` row that is primary now; ``former_phone_number``, the E.164 text of
#: the one before.
primary_number_changed = Signal()

#: A verified number was replaced by the one that its country's new numbering plan has for the same line: see
#: :func:`django_ding.services.renumber`. ``sender`` is ``PhoneNumber``.
#: Arguments: ``phone_number``, the ``PhoneNumber`` row; ``former_phone_number``, the E.164 text of the one before.
phone_renumbered = Signal()

#: A device was remembered, so it needs no second factor for a while. ``sender`` is ``RememberedDevice``.
#: Arguments: ``device``, the ``RememberedDevice`` row.
device_remembered = Signal()

#: Support created a recovery code for a user. ``sender`` is the ``RecoveryCode`` class.
#: Arguments: ``recovery_code``, the row with whose it is, who created it and why.
recovery_code_created = Signal()

#: A recovery code was entered, once per code. Its user isn't logged in before they have verified a new number.
#: ``sender`` is the ``RecoveryCode`` class. Arguments: ``recovery_code``, the row.
recovery_code_used = Signal()

#: A user who entered a recovery code has verified a new number, which replaced their other ones: the moment to end the
#: user's other sessions and to revoke tokens of your own. A user without a usable password has been logged out already.
#: ``sender`` is the ``RecoveryCode`` class. Arguments: ``recovery_code``, the row; ``phone_number``, the new
#: ``PhoneNumber`` row.
recovery_completed = Signal()
