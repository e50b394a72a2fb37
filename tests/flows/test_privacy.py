"""What is kept of one person can be had and erased, and what becomes of it when a user is deleted."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from django_ding.exceptions import InvalidPhoneNumber, InvalidProof, RateLimited
from django_ding.models import (
    Authentication,
    Block,
    DailyStatistics,
    Event,
    Lockout,
    PhoneNumber,
    RateLimitCounter,
    Refusal,
    RememberedDevice,
)
from django_ding.services import (
    CheckStatus,
    DeviceSignals,
    EraseResult,
    RollUpResult,
    check,
    create_recovery_code,
    erase_data,
    export_data,
    make_proof,
    remember_device,
    remove_number,
    roll_up,
    send,
    verify_proof,
)
from django_ding.signals import phone_released
from django_ding.testing import sandbox

pytestmark = pytest.mark.django_db

HOUR, DAY = 3600, 86_400
OTHER = "+12025550100"


@pytest.fixture
def released():
    """What ``phone_released`` was sent with."""
    seen = []

    def hear(user, phone_number, reason, **kwargs):
        seen.append((user, phone_number, reason))

    phone_released.connect(hear)
    yield seen
    phone_released.disconnect(hear)


@pytest.fixture
def life(clock, user, phone):
    """A user who signed up by phone, verified the number, has a device and an unused code, and was refused.

    One was refused before there was an account, and one to a number that is not the user's.
    """
    with sandbox() as outbox:
        send(phone, purpose="signup", ip="192.0.2.1")
        clock.shift(HOUR)
        check(
            send(phone, user=user, ip="192.0.2.2", device_signals=DeviceSignals(device_id="d")).authentication,
            outbox[-1].code,
        )
        remember_device(user, name="Firefox")
        clock.shift(HOUR)
        send(phone, user=user, purpose="second_factor")
        refuse(phone, reason="phone", ip="192.0.2.1")
        refuse("+33612345679", reason="user", user=user)
        clock.shift(HOUR)
        yield outbox


def refuse(number, **fields):
    now = timezone.now()
    return Refusal.objects.create(phone_number=number, hour=now, first_at=now, last_at=now, **fields)


@pytest.fixture
def strangers(other_user, phone):
    """Rows of another account: one of them for the number of the first."""
    now = timezone.now()
    for number in (phone, OTHER):
        Authentication.objects.create(user=other_user, phone_number=number, created_at=now, expires_at=now)
    PhoneNumber.objects.create(user=other_user, phone_number=OTHER, is_primary=True)
    remember_device(other_user, name="Safari")
    refuse(phone, reason="phone", user=other_user)
    refuse(OTHER, reason="phone")


# Export.


def test_export_holds_everything_of_a_user(life, strangers, user, phone):
    data = export_data(user=user)
    assert json.loads(json.dumps(data)) == data
    assert [row["phone_number"] for row in data["phone_numbers"]] == [phone]
    assert [row["purpose"] for row in data["authentications"]] == ["signup", "link", "second_factor"]
    assert [row["ip"] for row in data["authentications"]] == ["192.0.2.1", "192.0.2.2", None]
    assert data["authentications"][1]["device_signals"] == {"device_id": "d"}
    assert [event["type"] for event in data["authentications"][1]["events"]] == ["authentication", "check"]
    assert [(row["reason"], row["ip"]) for row in data["refusals"]] == [("phone", "192.0.2.1"), ("user", None)]
    assert [row["name"] for row in data["remembered_devices"]] == ["Firefox"]


def test_export_leaves_out_keys_and_hashes_and_nothing_else(life, user):
    data = export_data(user=user)
    keys = {"id", "user_id", "authentication_id", "dedup_key", "requester_key", "key_hash", "primary_marker"}
    internal = {*keys, "backend_state"}
    for model, row in (
        (Authentication, data["authentications"][0]),
        (Event, data["authentications"][0]["events"][0]),
        (PhoneNumber, data["phone_numbers"][0]),
        (Refusal, data["refusals"][0]),
        (RememberedDevice, data["remembered_devices"][0]),
    ):
        columns = {field.attname for field in model._meta.concrete_fields}
        assert columns - internal == set(row) - {"events", "request_options"}


def test_export_of_a_number_holds_what_is_anyones(life, strangers, phone):
    data = export_data(phone_number="06 12 34 56 78")
    assert len(data["authentications"]) == 4
    assert len(data["refusals"]) == 2
    assert [row["phone_number"] for row in data["phone_numbers"]] == [phone]
    assert data["remembered_devices"] == []


def test_export_of_both_adds_what_belongs_to_no_account(life, strangers, user, clock):
    send(OTHER, purpose="signup")
    data = export_data(user=user, phone_number=OTHER)
    for kind in ("authentications", "refusals"):
        assert [row["phone_number"] for row in data[kind]].count(OTHER) == 1
    assert len(data["phone_numbers"]) == 1


def test_export_of_an_unknown_person_is_empty(user):
    kinds = ["phone_numbers", "lost_phone_numbers", "authentications", "refusals", "lockouts", "recovery_codes"]
    kinds.append("remembered_devices")
    assert export_data(user=user) == {kind: [] for kind in kinds}


def test_export_holds_that_a_number_was_lost(clock, user, phone):
    remove_number(PhoneNumber.objects.create(user=user, phone_number=phone))
    assert export_data(user=user)["lost_phone_numbers"] == [{"reason": "removed", "lost_at": "2026-06-01T12:00:00Z"}]
    assert export_data(phone_number=phone)["lost_phone_numbers"] == []


def test_erase_keeps_that_a_number_was_lost(user, phone):
    erase_data(phone_number=PhoneNumber.objects.create(user=user, phone_number=phone).phone_number)
    erase_data(user=user)
    assert export_data(user=user)["lost_phone_numbers"][0]["reason"] == "erased"


@pytest.mark.parametrize("service", [export_data, erase_data])
def test_a_person_must_be_named(service):
    unsaved = [
        {"user": user, "phone_number": number}
        for user in (get_user_model()(), AnonymousUser())
        for number in (None, OTHER)
    ]
    for person in ({}, {"phone_number": ""}, *unsaved):
        with pytest.raises(ValueError, match="Pass a saved user, a phone number, or both"):
            service(**person)
    with pytest.raises(InvalidPhoneNumber):
        service(phone_number="12")


# Erasure.


def identifying(user, phone):
    """Return where a user or a number is still found."""
    tables = (Authentication, PhoneNumber, RememberedDevice, Event, Refusal, Block, RateLimitCounter)
    rows = [row for model in tables for row in model.objects.values()]
    return [row for row in rows if row.get("user_id") == user.pk or phone in map(str, row.values())]


def test_erase_leaves_nothing_of_a_user(life, strangers, user, phone, clock):
    clock.shift(2 * DAY)
    for model in (Authentication, Refusal):
        model.objects.filter(user__username="bob", phone_number=phone).delete()
    assert erase_data(user=user) == EraseResult(phone_numbers=1, authentications=3, events=4, refusals=2, devices=1)
    assert identifying(user, phone) == []
    assert erase_data(user=user) == EraseResult()
    assert export_data(user=user)["authentications"] == []


def test_erase_leaves_others_alone(life, strangers, user, other_user, clock):
    before = export_data(user=other_user)
    clock.shift(2 * DAY)
    erase_data(user=user)
    assert export_data(user=other_user) == before


def test_erase_of_a_number_takes_all_there_is_of_it(life, strangers, user, phone, clock):
    clock.shift(2 * DAY)
    erased = erase_data(phone_number=phone)
    assert erased == EraseResult(phone_numbers=1, authentications=4, events=4, refusals=2, devices=1)
    assert not PhoneNumber.objects.filter(user=user).exists()
    for model in (Authentication, Refusal):
        assert not model.objects.filter(phone_number=phone).exists()


def test_erase_lets_its_days_be_counted_anew(life, strangers, user, clock):
    roll_up()
    clock.shift(2 * DAY)
    erase_data(user=user)
    assert roll_up() == RollUpResult(rolled_up=3)
    day = DailyStatistics.objects.get(authentications__gt=0)
    assert (day.sends, day.authentications, day.refusals) == (0, 2, 2)


def test_erase_of_what_was_never_counted(life, user, clock):
    DailyStatistics.objects.create(day=timezone.now().date(), authentications=1)
    clock.shift(2 * DAY)
    erase_data(user=user)
    assert list(DailyStatistics.objects.values_list("authentications", "refusals")) == [(0, 0)]


def test_erase_leaves_a_purged_day_its_statistics(life, strangers, user, other_user, clock):
    roll_up()
    clock.shift(2 * DAY)
    Authentication.objects.filter(user=other_user).delete()
    erase_data(user=user)
    assert roll_up() == RollUpResult(rolled_up=2, kept=1)
    assert DailyStatistics.objects.get(authentications__gt=0).sends == 3


@pytest.mark.django_db(transaction=True)
def test_erase_sends_phone_released(life, user, phone, released):
    erase_data(user=user)
    assert released == [(user, phone, "erased")]


@pytest.mark.django_db(transaction=True)
def test_erase_and_deletion_of_the_user_are_one(life, user, phone, clock):
    clock.shift(2 * DAY)
    with transaction.atomic():
        erase_data(user=user)
        user.delete()
        transaction.set_rollback(True)
    assert len(export_data(user=get_user_model().objects.get())["authentications"]) == 3


def test_proof_is_erased(phone, outbox, clock):
    authentication = send(phone, purpose="signup").authentication
    check(authentication, outbox[-1].code)
    proof = make_proof(authentication)
    erase_data(phone_number=phone)
    with pytest.raises(InvalidProof):
        verify_proof(proof)


# What must not come of an erasure.


def test_live_code_gets_no_further_checks(user, phone, outbox, clock, simulator):
    with sandbox(MAX_CHECKS=3):
        authentication = send(phone, user=user).authentication
        for _ in range(3):
            check(authentication, "000000")
        erased = erase_data(user=user)
        assert (erased.kept_live, erased.authentications, erased.retry_at) == (1, 0, authentication.expires_at)
        clock.shift(60)
        with pytest.raises(RateLimited) as caught:
            send(phone, user=user)
        assert caught.value.scope == "checks"
        assert check(authentication, "000000").status is CheckStatus.RATE_LIMITED
        clock.shift(600)
        assert erase_data(user=user).authentications == 1
        assert identifying(user, phone) == []


@pytest.mark.parametrize("status", ["created", "failed", "pending", "unknown"])
def test_a_message_that_may_be_on_its_way_is_not_forgotten(status, user, phone):
    times = {"created_at": timezone.now(), "expires_at": timezone.now() + timedelta(minutes=5)}
    Authentication.objects.create(user=user, phone_number=phone, status=status, dedup_key=uuid4(), **times)
    assert erase_data(user=user).kept_live == 1


def test_rates_go_on_counting(phone, user, clock):
    with sandbox(RATE_LIMITS={"send": "1/d/phone"}):
        send(phone, user=user)
        clock.shift(2 * HOUR)
        erase_data(user=user)
        with pytest.raises(RateLimited):
            send(phone, user=user)


def test_guard_goes_on_evaluating(user, other_user, clock):
    with sandbox(MIN_CONVERSION="20%/4/d/prefix"):
        for number in range(4):
            send(f"+336123456{number:02}", user=user)
        clock.shift(HOUR)
        assert erase_data(user=user) == EraseResult(anonymized=4, events=4)
        assert set(Authentication.objects.values_list("phone_number", flat=True)) == {"+3361234"}
        with pytest.raises(RateLimited) as caught:
            send("+33612345699", user=other_user)
        assert caught.value.scope == "conversion"


def test_anonymized_rows_keep_nothing_of_a_person(life, user, phone, clock):
    before = list(Authentication.objects.order_by("pk").values())
    with sandbox(MIN_CONVERSION="20%/20/d/prefix"):
        assert erase_data(user=user).anonymized == 3
    for old, new in zip(before, Authentication.objects.order_by("pk").values(), strict=True):
        assert (new["user_id"], new["ip"], new["dedup_key"]) == (None, None, None)
        assert new["device_signals"] == new["backend_state"] == {}
        assert (new["phone_number"], new["authentication_uuid"]) == ("+3361234", "")
        assert (old["public_id"].version, new["public_id"].version) == (7, 4)  # No time, which would tell who it was.
        assert (new["status"], new["created_at"]) == (old["status"], old["created_at"])
    assert not Event.objects.exists()
    assert identifying(user, phone) == []


def test_anonymized_rows_are_purged_like_others(life, user, clock):
    with sandbox(MIN_CONVERSION="20%/20/d/prefix"):
        assert erase_data(user=user).anonymized == 3
    clock.shift(100 * DAY)
    call_command("ding_purge", "--older-than", "90d")
    assert not Authentication.objects.exists()


# Deletion of a user.


@pytest.mark.django_db(transaction=True)
def test_deleting_a_user_unlinks_what_they_were_sent(life, user, phone, released):
    user.delete()
    assert set(Authentication.objects.values_list("user", flat=True)) == {None}
    assert Event.objects.exists()
    assert not PhoneNumber.objects.exists()
    assert not RememberedDevice.objects.exists()
    assert released == []


def test_code_of_a_deleted_user_links_nothing(user, phone, outbox):
    authentication = send(phone, user=user).authentication
    user.delete()
    authentication.refresh_from_db()
    result = check(authentication, outbox[-1].code)
    assert (result.status, result.phone_number) == (CheckStatus.VALID, None)
    assert not PhoneNumber.objects.exists()


def test_lockouts_are_exported_and_erased(user, phone):
    Lockout.objects.create(phone_number=phone, wrong_codes=75, active_key="key", scope="phone", requester_type="login")
    Lockout.objects.create(phone_number=phone, user=user, wrong_codes=75, scope="user", requester_type="user")
    for whose in ({"phone_number": phone}, {"user": user, "phone_number": phone}):
        assert [row["wrong_codes"] for row in export_data(**whose)["lockouts"]] == [75, 75]
    assert "active_key" not in str(export_data(user=user))
    assert erase_data(phone_number=phone).lockouts == 2
    assert not Lockout.objects.exists()


def test_recovery_codes_are_exported_and_erased(clock, user, other_user):
    created = create_recovery_code(user, created_by=other_user, reason="Passport checked")
    assert export_data(user=other_user)["recovery_codes"] == []
    assert export_data(user=user)["recovery_codes"] == [
        {
            "public_id": str(created.recovery_code.public_id),
            "reason": "Passport checked",
            "created_at": "2026-06-01T12:00:00Z",
            "expires_at": "2026-06-01T12:15:00Z",
            "check_count": 0,
            "used_at": None,
            "completed_at": None,
            "revoked_at": None,
        }
    ]
    assert (erase_data(user=other_user).recovery_codes, erase_data(user=user).recovery_codes) == (0, 1)
