"""Recovery codes: who gets one, who gets in with it, and how often it can be tried."""

from collections import Counter
from datetime import timedelta

import pytest
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from django_ding.exceptions import InvalidCode, InvalidProof, LockedOut
from django_ding.models import Authentication, Lockout, PhoneNumber, RecoveryCode
from django_ding.services import (
    CheckStatus,
    check,
    complete_recovery,
    create_recovery_code,
    has_lost_number,
    is_recovering,
    is_recovery_code,
    may_create_recovery_code,
    redeem_recovery_code,
    remember_device,
    remove_number,
    revoke_recovery_code,
    send,
)
from django_ding.signals import (
    phone_released,
    primary_number_changed,
    recovery_code_created,
    recovery_code_used,
    recovery_completed,
)
from django_ding.testing import sandbox
from tests.backends import gateways
from tests.helpers import at_once, received, wrong_code

pytestmark = pytest.mark.django_db

NEW = "+447400123456"
MANY = 12


@pytest.fixture
def support(other_user):
    other_user.is_staff = True
    other_user.save()
    return other_user


@pytest.fixture
def number(user, phone):
    return PhoneNumber.objects.create(user=user, phone_number=phone, is_primary=True)


@pytest.fixture
def created(user, support):
    return create_recovery_code(user, created_by=support, reason="Passport checked")


def fresh(created):
    return RecoveryCode.objects.get(pk=created.recovery_code.pk)


# Creating one


def test_code_is_kept_as_a_hash_for_fifteen_minutes(clock, user, support):
    created = create_recovery_code(user, created_by=support, reason="  Passport checked ")
    row = fresh(created)
    assert is_recovery_code(created.code)
    assert len(created.code) == 10
    assert created.code not in repr(created)
    assert created.code not in str(vars(row))
    assert (row.user, row.created_by, row.reason, row.status) == (user, support, "Passport checked", "active")
    assert row.expires_at - row.created_at == row.expires_at - timezone.now() == timedelta(minutes=15)


def test_code_has_more_digits_than_any_message_and_may_begin_with_zero():
    assert is_recovery_code(" ٠١٢٣٤-٥٦٧٨٩ ")
    assert not any(is_recovery_code(typed) for typed in ("", "12345678", "123456789", "12345678901", "abcdefghij"))


def test_signal_and_log_have_no_code(user, support, caplog, django_capture_on_commit_callbacks):
    with (
        caplog.at_level("INFO", "django_ding"),
        received(recovery_code_created) as heard,
        django_capture_on_commit_callbacks(execute=True),
    ):
        created = create_recovery_code(user, created_by=support, reason="Passport checked")
    assert [each["recovery_code"] for each in heard] == [created.recovery_code]
    (record,) = caplog.records
    assert (record.ding_event, record.ding_status) == ("recovery_code", "created")
    assert (record.ding_user_id, record.ding_created_by) == (str(user.pk), str(support.pk))
    assert created.code not in str(vars(record))


def test_second_code_replaces_the_first(created, user, support):
    second = create_recovery_code(user, created_by=support, reason="Misheard")
    assert redeem_recovery_code(created.code, user=user).recovery_code is None
    assert fresh(created).status == "revoked"
    assert redeem_recovery_code(second.code, user=user).recovery_code == second.recovery_code


def test_expired_code_is_replaced_without_being_revoked(clock, created, user, support):
    clock.shift(901)
    create_recovery_code(user, created_by=support, reason="Again")
    assert fresh(created).status == "expired"


@pytest.mark.parametrize("reason", ["", " \n"])
def test_reason_is_required(user, support, reason):
    with pytest.raises(ValueError, match="reason"):
        create_recovery_code(user, created_by=support, reason=reason)
    assert not RecoveryCode.objects.exists()


def test_nobody_makes_a_code_for_themselves_or_an_inactive_user(user, support):
    user.is_active = False
    for whose in (user, support):
        assert not may_create_recovery_code(whose, created_by=support)
        with pytest.raises(PermissionDenied):
            create_recovery_code(whose, created_by=support, reason="x")


@pytest.mark.parametrize("flag", ["is_staff", "is_superuser"])
def test_only_superusers_make_codes_for_staff(user, support, flag):
    setattr(user, flag, True)
    with pytest.raises(PermissionDenied):
        create_recovery_code(user, created_by=support, reason="x")
    support.is_superuser = True
    assert may_create_recovery_code(user, created_by=support)


@pytest.mark.django_db(transaction=True)
def test_all_numbers_of_the_user_get_a_notice(user, support, number):
    PhoneNumber.objects.create(user=user, phone_number=NEW)
    gateways.delivered.clear()
    gateway = {"gateway": "tests.backends.gateways.deliver"}
    backend = {"BACKEND": "django_ding.backends.sms.SMSBackend", "OPTIONS": gateway}
    with sandbox(BACKENDS={"default": backend}):
        created = create_recovery_code(user, created_by=support, reason="x")
    assert {message.phone_number for message in gateways.delivered} == {number.phone_number, NEW}
    (text,) = {message.text for message in gateways.delivered}
    assert text == "Support created a recovery code for your account. If you didn't ask for it, contact support."
    assert created.code not in text


# Entering it


def test_right_code_works_once(created, user):
    with received(recovery_code_used) as heard:
        rows = [redeem_recovery_code(created.code, user=user).recovery_code for _ in range(2)]
    assert rows == [created.recovery_code, None]
    assert [each["recovery_code"] for each in heard] == [created.recovery_code]
    assert fresh(created).status == "used"


def test_code_of_another_user_is_wrong(created, user, support):
    assert redeem_recovery_code(created.code, user=support).recovery_code is None
    assert redeem_recovery_code(created.code, user=user).recovery_code


def test_hash_fits_no_other_row(created, user, support):
    RecoveryCode.objects.create(
        user=support,
        code_hash=fresh(created).code_hash,
        reason="copied",
        expires_at=created.recovery_code.expires_at,
        active_key="copied",
    )
    assert redeem_recovery_code(created.code, user=support).recovery_code is None


def test_former_secret_key_is_understood(created, user, settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new", [settings.SECRET_KEY]
    assert redeem_recovery_code(created.code, user=user).recovery_code


def test_expired_code_is_wrong(clock, created, user):
    clock.shift(900)
    assert redeem_recovery_code(created.code, user=user).recovery_code is None


def test_five_wrong_codes_end_it(created, user):
    for _ in range(5):
        assert redeem_recovery_code(wrong_code(created.code), user=user).recovery_code is None
    assert redeem_recovery_code(created.code, user=user).recovery_code is None
    assert fresh(created).check_count == 5


def test_stranger_who_knows_the_number_uses_no_code_up(created, user, number):
    row = send(number.phone_number, purpose="login").authentication
    for _ in range(5):
        assert redeem_recovery_code(wrong_code(created.code), authentication=row).recovery_code is None
    assert redeem_recovery_code(created.code, authentication=row).check.status is CheckStatus.RATE_LIMITED
    assert fresh(created).check_count == 0
    assert redeem_recovery_code(created.code, user=user).recovery_code


def test_five_wrong_codes_end_it_for_a_login_by_number_too(created, user, number):
    for _ in range(5):
        redeem_recovery_code(wrong_code(created.code), user=user)
    row = send(number.phone_number, purpose="login").authentication
    assert redeem_recovery_code(created.code, authentication=row).recovery_code is None


def test_code_of_a_message_is_no_recovery_code(created, user):
    with pytest.raises(InvalidCode):
        redeem_recovery_code("123456", user=user)
    assert fresh(created).check_count == 0


@pytest.mark.parametrize("exists", [True, False])
def test_wrong_code_counts_as_one_of_the_message(user, number, support, exists):
    if exists:
        create_recovery_code(user, created_by=support, reason="x")
    row = send(number.phone_number, user=user, purpose="second_factor").authentication
    with received(user_login_failed) as failed:
        result = redeem_recovery_code("0000000000", authentication=row).check
    assert (result.status, result.remaining_checks) == (CheckStatus.INVALID, 4)
    assert Authentication.objects.get().check_count == 1
    assert [each["credentials"]["username"] for each in failed] == ["alice"]


def test_right_code_counts_as_none(created, user, number):
    row = send(number.phone_number, user=user, purpose="second_factor").authentication
    assert redeem_recovery_code(created.code, authentication=row).recovery_code
    assert Authentication.objects.get().check_count == 0


def test_exhausted_authentication_takes_no_recovery_code(created, user, number):
    row = send(number.phone_number, user=user, purpose="second_factor").authentication
    for _ in range(5):
        check(row, "000000")
    assert redeem_recovery_code(created.code, authentication=row).check.status is CheckStatus.RATE_LIMITED
    assert fresh(created).status == "active"


def test_login_by_number_takes_the_code_of_the_numbers_user(created, number, phone):
    unknown = send(NEW, purpose="login").authentication
    assert redeem_recovery_code(created.code, authentication=unknown).check.status is CheckStatus.INVALID
    known = send(phone, purpose="login").authentication
    assert redeem_recovery_code(created.code, authentication=known).recovery_code == created.recovery_code


def test_wrong_codes_lead_to_a_lockout(user, number):
    with sandbox(RATE_LIMITS={"check": "2/user"}):
        row = send(number.phone_number, user=user, purpose="second_factor").authentication
        for _ in range(2):
            redeem_recovery_code("0000000000", authentication=row)
        assert Lockout.objects.get().user == user
        with pytest.raises(LockedOut):
            redeem_recovery_code("0000000000", authentication=row)


def test_nothing_is_accepted_in_a_lockout(created, user, number):
    with sandbox(RATE_LIMITS={"check": "1/user"}):
        check(send(number.phone_number, user=user, purpose="second_factor").authentication, "000000")
        with pytest.raises(LockedOut):
            redeem_recovery_code(created.code, user=user)
    assert fresh(created).status == "active"


def test_wrong_code_without_a_message_is_a_failed_login(user):
    with received(user_login_failed) as failed:
        redeem_recovery_code("0000000000", user=user)
    assert [each["credentials"] for each in failed] == [{"username": "alice"}]


# Completing it


def link(user, phone_number=NEW):
    return PhoneNumber.objects.create(user=user, phone_number=phone_number)


def test_new_number_takes_the_place_of_all_others(created, user, number):
    PhoneNumber.objects.create(user=user, phone_number="+12025550101")
    remember_device(user)
    redeem_recovery_code(created.code, user=user)
    new = link(user)
    with received(phone_released, primary_number_changed) as heard:
        complete_recovery(created.recovery_code, new)
    assert [(each.phone_number, each.is_primary) for each in user.ding_phone_numbers.all()] == [(NEW, True)]
    assert not user.ding_remembered_devices.exists()
    assert not has_lost_number(user)
    assert (fresh(created).status, heard) == ("completed", [])  # The signals wait for the commit of the test.


def test_code_that_was_not_entered_completes_nothing(created, user, number):
    with pytest.raises(InvalidProof):
        complete_recovery(created.recovery_code, link(user))
    assert user.ding_phone_numbers.count() == 2


def test_recovery_is_completed_once(created, user):
    redeem_recovery_code(created.code, user=user)
    complete_recovery(created.recovery_code, link(user))
    assert not is_recovering(created.recovery_code)
    with pytest.raises(InvalidProof):
        complete_recovery(created.recovery_code, link(user, "+12025550101"))


def test_recovery_without_a_number_before(created, user, number):
    remove_number(number)
    redeem_recovery_code(created.code, user=user)
    complete_recovery(created.recovery_code, PhoneNumber.objects.create(user=user, phone_number=NEW))
    assert user.ding_phone_numbers.get().is_primary


def test_user_has_fifteen_minutes_for_the_new_number(clock, created, user):
    redeem_recovery_code(created.code, user=user)
    clock.shift(899)
    assert is_recovering(created.recovery_code)
    clock.shift(1)
    assert not is_recovering(created.recovery_code)


@pytest.mark.parametrize("is_used", [True, False])
def test_revoked_code_is_of_no_use(created, user, number, is_used):
    if is_used:
        redeem_recovery_code(created.code, user=user)
    assert (revoke_recovery_code(created.recovery_code), revoke_recovery_code(created.recovery_code)) == (True, False)
    assert redeem_recovery_code(created.code, user=user).recovery_code is None
    assert not is_recovering(created.recovery_code)
    with pytest.raises(InvalidProof):
        complete_recovery(created.recovery_code, link(user))
    assert user.ding_phone_numbers.get() == number


def test_expired_code_is_not_revoked(clock, created):
    clock.shift(900)
    assert not revoke_recovery_code(created.recovery_code)


@pytest.mark.parametrize("role", ["is_staff", "is_superuser"])
def test_code_of_a_user_who_has_become_staff_is_wrong(created, user, support, role):
    setattr(user, role, True)
    user.save()
    assert redeem_recovery_code(created.code, user=user).recovery_code is None
    support.is_superuser = True
    support.save()
    assert redeem_recovery_code(created.code, user=user).recovery_code == created.recovery_code


def test_recovery_of_a_user_who_has_become_staff_ends(created, user, number):
    redeem_recovery_code(created.code, user=user)
    user.is_staff = True
    user.save()
    assert not is_recovering(created.recovery_code)
    with pytest.raises(InvalidProof):
        complete_recovery(created.recovery_code, link(user))
    assert (user.ding_phone_numbers.get(), fresh(created).status) == (number, "revoked")


def test_code_of_a_deleted_agent_is_good_for_others_only(created, user, support):
    support.delete()
    user.is_staff = True
    user.save()
    assert redeem_recovery_code(created.code, user=user).recovery_code is None
    user.is_staff = False
    user.save()
    assert redeem_recovery_code(created.code, user=user).recovery_code is not None


def test_completed_recovery_sends_a_signal(created, user):
    redeem_recovery_code(created.code, user=user)
    new = link(user)
    with received(recovery_completed) as heard:
        complete_recovery(created.recovery_code, new)
    assert [(each["recovery_code"], each["phone_number"]) for each in heard] == [(created.recovery_code, new)]


def test_password_that_the_user_knows_stays(created, user):
    user.set_password("secret")
    user.save()
    redeem_recovery_code(created.code, user=user)
    complete_recovery(created.recovery_code, link(user))
    user.refresh_from_db()
    assert user.check_password("secret")


# Many at once


@pytest.mark.django_db(transaction=True)
def test_one_of_many_at_once_gets_in(created, user):
    with sandbox(MAX_CHECKS=MANY):
        results = at_once(*[lambda: redeem_recovery_code(created.code, user=user)] * MANY)
    assert [result.recovery_code for result in results if result.recovery_code] == [created.recovery_code]


@pytest.mark.django_db(transaction=True)
def test_five_of_many_at_once_are_compared(created, user):
    at_once(*[lambda: redeem_recovery_code(wrong_code(created.code), user=user)] * MANY)
    assert fresh(created).check_count == 5


@pytest.mark.django_db(transaction=True)
def test_one_of_many_made_at_once_is_active(user, support):
    made = at_once(*[lambda: create_recovery_code(user, created_by=support, reason="x")] * 4)
    assert Counter(fresh(each).status for each in made) == {"active": 1, "revoked": 3}


@pytest.mark.django_db(transaction=True)
def test_recovery_is_completed_once_by_many(created, user, number):
    redeem_recovery_code(created.code, user=user)
    new = link(user)

    def complete():
        try:
            complete_recovery(created.recovery_code, new)
        except InvalidProof:
            return False
        return True

    assert sum(at_once(*[complete] * 4)) == 1
    assert user.ding_phone_numbers.get() == new
