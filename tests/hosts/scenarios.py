"""Everything that depends on what a user's key is. ``test_hosts.py`` runs this in a process for each user model."""

import copy
import json
import logging
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone
from rest_framework.test import APIClient

from django_ding import services
from django_ding.exceptions import InvalidProof, RateLimited
from django_ding.models import Authentication, Event, PhoneNumber, Refusal, RememberedDevice
from django_ding.services import CheckStatus, RetryStatus, check, get_authentication, retry, send
from django_ding.testing import sandbox

pytestmark = pytest.mark.django_db

User = get_user_model()
NUMBERS = ["+12025550100", "+12025550101", "+12025550102"]
URL = "/api/phone/authentications/"


def create(index):
    key = {"pk": User.keys[index]} if User.keys else {}
    return User.objects.create_user(f"user-{index}", **key)


def loaded(user):
    return User.objects.get(username=user.username)


def respelled(user):
    """Return the user as an instance that was made with another spelling of the key, as a signup view may do."""
    other = copy.copy(user)
    other._state = copy.copy(user._state)
    other.pk = User.respell(user.pk)
    return other


def sign_up(authentication):
    return create(2)


@pytest.fixture
def user(db):
    return loaded(create(0))


@pytest.fixture
def other_user(db):
    return loaded(create(1))


@pytest.fixture(params=[loaded, respelled], ids=["loaded", "respelled"])
def seen(request, user):
    """Return the user in each of the ways in which a project comes by an instance."""
    return request.param(user)


def columns(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def same(key, other):
    return key == other and type(key) is type(other)


def prove(user, phone, outbox, **kwargs):
    """Send, and enter the right code."""
    return check(send(phone, user=user, **kwargs).authentication, outbox[-1].code)


def link(user, phone, outbox):
    return prove(user, phone, outbox).phone_number


def test_get_loads_what_the_orm_does(user, phone):
    public_id = send(phone, user=user, ip="2001:db8::7").authentication.public_id
    found = get_authentication(public_id)
    assert columns(found) == columns(Authentication.objects.get())
    assert same(found.user_id, user.pk)
    assert found.user == user


def test_insert_and_update_write_what_the_orm_reads(seen, user, phone):
    authentication = send(phone, user=seen).authentication
    row = Authentication.objects.get()
    assert same(row.user_id, user.pk)
    assert columns(row) | {"user_id": None} == columns(authentication) | {"user_id": None}
    assert list(user.ding_authentications.all()) == [authentication]
    assert Event.objects.get().authentication == authentication


def test_right_code_links_the_number(seen, user, phone, outbox):
    authentication = get_authentication(send(phone, user=seen).authentication.public_id)
    result = check(authentication, outbox[-1].code)
    assert result.status is CheckStatus.VALID
    assert result.phone_number == user.ding_phone_numbers.get()
    assert services.primary_number(seen) == result.phone_number
    assert services.has_verified_number(seen)
    assert same(PhoneNumber.objects.get().user_id, user.pk)


def test_second_right_code_is_for_the_same_number(seen, user, phone, outbox):
    number = link(user, phone, outbox)
    assert link(seen, phone, outbox) == number
    second = link(seen, NUMBERS[0], outbox)
    assert not second.is_primary
    assert PhoneNumber.objects.count() == 2


def test_second_send_finds_the_first(clock, seen, user, phone, outbox):
    first = send(phone, user=user).authentication
    again = send(phone, user=seen)
    assert (again.authentication, again.is_new) == (first, False)
    assert same(again.authentication.user_id, user.pk)
    clock.shift(31)
    assert send(phone, user=seen).retry.status is RetryStatus.APPROVED
    assert len(outbox) == 2


def test_each_user_has_their_own(clock, user, other_user, phone, outbox):
    first = send(phone, user=user).authentication
    clock.shift(31)
    assert send(phone, user=other_user).authentication != first
    assert len(outbox) == 2


def test_retry(clock, user, phone, outbox):
    public_id = send(phone, user=user).authentication.public_id
    clock.shift(31)
    result = retry(get_authentication(public_id))
    assert result.status is RetryStatus.APPROVED
    assert same(result.authentication.user_id, user.pk)
    assert check(result.authentication, outbox[-1].code).phone_number.user == user


@pytest.mark.parametrize("counters", ["default", None])
def test_rate_counts_one_user(clock, user, other_user, phone, counters):
    fresh = respelled(user)
    with sandbox(RATE_LIMITS={"send": "2/d/user"}, RATE_LIMIT_CACHE=counters) as outbox:
        authentication = send(phone, user=fresh).authentication
        clock.shift(31)
        retry(get_authentication(authentication.public_id))
        clock.shift(31)
        for refuse in (
            lambda: send(NUMBERS[0], user=fresh),
            lambda: send(NUMBERS[0], user=user),
            lambda: send(phone, user=user),
            lambda: retry(authentication),
        ):
            with pytest.raises(RateLimited) as raised:
                refuse()
            assert raised.value.scope == "user"
        assert len(outbox) == 2
        send(NUMBERS[0], user=other_user)
    # The first two are of one user and one number, however the key was spelled.
    assert sorted(Refusal.objects.values_list("phone_number", "count")) == [(NUMBERS[0], 2), (phone, 2)]


def test_refusals_are_kept_apart(user, other_user, phone):
    with sandbox(RATE_LIMITS={"send": "0/d/phone"}):
        for owner in (user, respelled(user), other_user, None):
            with pytest.raises(RateLimited):
                send(phone, user=owner, purpose="second_factor")
    refusals = {row.user_id: row.count for row in Refusal.objects.all()}
    assert refusals == {user.pk: 2, other_user.pk: 1, None: 1}
    assert len(set(Refusal.objects.values_list("requester_key", flat=True))) == 3


def test_log_names_the_user(user, phone, caplog):
    with caplog.at_level(logging.INFO, logger="django_ding"):
        send(phone, user=user)
    assert [record.ding_user_id for record in caplog.records] == [str(user.pk)]


def test_primary_and_removed_numbers(seen, user, outbox):
    first, second, third = (link(user, number, outbox) for number in NUMBERS)
    services.make_primary(second)
    assert services.primary_number(seen) == second
    assert services.replace_number(second, third).is_primary
    services.remove_number(PhoneNumber.objects.get(pk=third.pk))
    assert services.primary_number(seen) == first
    assert list(user.ding_phone_numbers.all()) == [first]


def test_replaced_number_may_be_spelled_otherwise(user, other_user, outbox):
    old, new = link(user, NUMBERS[0], outbox), link(respelled(user), NUMBERS[1], outbox)
    assert services.replace_number(old, new).is_primary
    foreign = link(other_user, NUMBERS[2], outbox)
    with pytest.raises(ValueError, match="same user"):
        services.replace_number(new, foreign)


def test_number_stays_or_moves(seen, user, other_user, phone, outbox):
    number = link(other_user, phone, outbox)
    services.remember_device(other_user)
    assert prove(seen, phone, outbox).status is CheckStatus.NUMBER_TAKEN
    with sandbox(NUMBER_TAKEOVER_DAYS=0) as messages:
        taken = link(seen, phone, messages)
    assert taken == number
    assert same(PhoneNumber.objects.get().user_id, user.pk)
    assert not RememberedDevice.objects.exists()


def test_devices(seen, user, other_user):
    token = services.remember_device(seen)
    services.remember_device(other_user)
    assert services.is_remembered_device(user, token)
    assert not services.is_remembered_device(other_user, token)
    assert services.forget_devices(seen.pk) == 1
    assert not services.is_remembered_device(seen, token)
    assert services.forget_devices(other_user) == 1


def test_second_factor_touches_the_number(clock, seen, user, other_user, phone, outbox):
    number = link(user, phone, outbox)
    clock.shift(3600)
    assert prove(other_user, phone, outbox, purpose="second_factor").status is CheckStatus.VALID
    assert not services.has_verified_number(seen, max_age=timedelta(minutes=5))
    assert prove(seen, phone, outbox, purpose="second_factor").status is CheckStatus.VALID
    assert services.has_verified_number(seen, max_age=timedelta(minutes=5))
    number.refresh_from_db()
    assert number.verified_at == timezone.now()


def test_claim(seen, user, other_user, phone, outbox):
    authentication = prove(None, phone, outbox).authentication
    validated = services.verify_proof(services.make_proof(authentication))
    assert services.claim(validated, user=seen).user == user
    assert same(get_authentication(authentication.public_id).user_id, user.pk)
    with pytest.raises(InvalidProof):
        services.claim(authentication, user=other_user)


def test_login(user, phone, outbox):
    link(user, phone, outbox)
    authentication = prove(None, phone, outbox, purpose="login").authentication
    assert services.redeem_login(get_authentication(authentication.public_id)) == user
    assert same(get_authentication(authentication.public_id).user_id, user.pk)


def test_login_creates_the_user(phone):
    factory = {"USER_FACTORY": f"{__name__}.sign_up"} if User.keys else {}
    with sandbox(LOGIN_CREATES_USER=True, **factory) as outbox:
        newcomer = services.redeem_login(prove(None, phone, outbox, purpose="login").authentication)
    assert PhoneNumber.objects.get().user == newcomer == loaded(newcomer)
    assert services.primary_number(newcomer).phone_number == phone


def test_export_and_erase(clock, seen, user, other_user, phone, outbox):
    link(user, phone, outbox)
    services.remember_device(user)
    link(other_user, NUMBERS[0], outbox)
    exported = services.export_data(user=seen)
    assert {name: len(rows) for name, rows in json.loads(json.dumps(exported)).items()} == {
        "phone_numbers": 1,
        "lost_phone_numbers": 0,
        "authentications": 1,
        "refusals": 0,
        "lockouts": 0,
        "recovery_codes": 0,
        "remembered_devices": 1,
    }
    clock.shift(2 * 86400)
    erased = services.erase_data(user=seen)
    assert (erased.phone_numbers, erased.authentications, erased.devices) == (1, 1, 1)
    assert [row.user_id for row in Authentication.objects.all()] == [other_user.pk]
    assert services.has_verified_number(other_user)
    assert [services.has_lost_number(each) for each in (seen, other_user)] == [True, False]
    assert services.lift_lost_number(seen)


def test_roll_up_purge_and_reconcile(clock, user, phone, outbox):
    link(user, phone, outbox)
    send(NUMBERS[0], user=user)
    services.remember_device(user)
    assert services.roll_up().rolled_up == 1
    clock.shift(400 * 86400)
    assert services.reconcile().total == 1
    purged = services.purge(older_than=86400)
    assert (purged.authentications, purged.devices) == (2, 1)
    assert services.has_verified_number(user)


def test_deleted_user_leaves_authentications(user, phone, outbox):
    authentication = prove(user, phone, outbox).authentication
    user.delete()
    assert get_authentication(authentication.public_id).user is None
    assert not PhoneNumber.objects.exists()


def test_rest(clock, seen, user, other_user, phone, outbox):
    owner, stranger, visitor = APIClient(), APIClient(), APIClient()
    owner.force_authenticate(seen)
    stranger.force_authenticate(other_user)
    response = owner.post(URL, {"phone_number": phone}, format="json")
    assert response.status_code == 201
    url = f"{URL}{response.json()['id']}/"
    for caller in (stranger, visitor):
        assert caller.get(url).status_code == 404
        assert caller.post(f"{url}check/", {"code": outbox[-1].code}, format="json").status_code == 404
    assert owner.get(url).status_code == 200
    clock.shift(31)
    assert owner.post(f"{url}retry/").status_code == 200
    assert owner.post(f"{url}check/", {"code": outbox[-1].code}, format="json").status_code == 200
    assert user.ding_phone_numbers.get().phone_number == phone
    assert len(owner.get("/api/phone/phone-numbers/").json()) == 1
    assert stranger.get("/api/phone/phone-numbers/").json() == []
