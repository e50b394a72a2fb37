import re
import sys
from importlib import import_module
from threading import Barrier, Thread
from types import SimpleNamespace

import django_otp
import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError
from django_otp.admin import OTPAdminSite as TheirAdminSite
from django_otp.models import Device, GenerateNotAllowed

from django_ding import services
from django_ding.contrib.otp import verification
from django_ding.contrib.otp.checks import check_admin_sites
from django_ding.contrib.otp.models import NoPhoneNumber, PhoneDevice
from django_ding.exceptions import BackendUnavailable
from django_ding.models import Authentication, PhoneNumber
from django_ding.testing import sandbox, script
from tests.hosts.walk import (  # noqa: F401 - fixtures
    OTHER_PHONE,
    PASSWORD,
    PHONE,
    Browser,
    browser,
    create_user,
    outbox,
    wrong,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def member():
    """A user whose number was verified, so that they have a device; and who may use the admin."""
    return verify(create_user("alice", is_agent=True), PHONE)


@pytest.fixture
def device(member):
    return PhoneDevice.objects.get(user=member)


def verify(user, number):
    with sandbox() as messages:
        services.check(services.send(number, user=user).authentication, messages[-1].code)
    return user


def credentials(**more):
    return {"username": "alice", "password": PASSWORD, **more}


def log_in(browser, device, outbox):  # noqa: F811
    browser.post("/account/login/", credentials(otp_device=device.persistent_id, otp_challenge="on"))
    browser.post("/account/login/", credentials(otp_device=device.persistent_id, otp_token=outbox[-1].code))


# --- django-otp's own parts


def test_the_admin_takes_a_code_of_the_phone(browser, device, outbox):  # noqa: F811
    page = browser.post("/admin/login/", credentials(otp_challenge="on"))
    assert device.persistent_id in page.text  # Their password was right, so they can choose.
    page = browser.post("/admin/login/", credentials(otp_device=device.persistent_id, otp_challenge="on"))
    assert "We sent a code to this number: +33" in page.text
    assert PHONE not in page.text
    page = browser.post("/admin/login/", credentials(otp_device=device.persistent_id, otp_token=wrong(outbox[-1].code)))
    assert "Incorrect code. 4 attempts left." in page.text
    assert browser.get("/admin/").status_code == 302
    right = credentials(otp_device=device.persistent_id, otp_token=outbox[-1].code, next="/admin/")
    assert browser.post("/admin/login/", right).status_code == 302
    assert browser.open("/admin/").status_code == 200
    assert "alice" in browser.open("/admin/django_ding_otp/phonedevice/?q=alice").text


def test_the_admin_takes_no_password_alone(browser, device):  # noqa: F811
    browser.post("/admin/login/", credentials())
    browser.force_login(device.user)
    assert browser.get("/admin/").status_code == 302


def test_a_view_that_requires_a_device(browser, device, outbox):  # noqa: F811
    browser.force_login(device.user)
    assert browser.get("/vault/").status_code == 302
    log_in(browser, device, outbox)
    assert browser.open("/vault/").text == "for verified users"
    device.refresh_from_db()
    assert device.last_used_at is not None


def test_the_page_to_log_in_has_what_to_select(browser, device):  # noqa: F811
    page = browser.open("/account/login/?next=/vault/").text
    assert "otp_challenge" not in page
    assert '<input type="hidden" name="next" value="/vault/">' in page
    page = browser.post("/account/login/", credentials()).text
    assert '<button name="otp_challenge" value="on">Send a code</button>' in page
    assert device.persistent_id in page


def test_the_page_says_why_there_is_nothing_to_enter(browser, device, outbox):  # noqa: F811
    def enter(**form):
        return browser.post("/account/login/", credentials(otp_device=device.persistent_id, **form)).text

    assert "Please enter your OTP token." in enter()
    assert "No code was sent, so there is none to enter." in enter(otp_token="123456")
    device.generate_challenge()
    assert device.verify_token(outbox[-1].code)
    assert "already been used" in enter(otp_token=outbox[-1].code)
    assert not browser.is_signed_in


def test_an_outage_is_no_wrong_code(browser, device, outbox):  # noqa: F811
    device.generate_challenge()
    script("check", "server_error")
    page = browser.post("/account/login/", credentials(otp_device=device.persistent_id, otp_token=outbox[-1].code))
    assert "temporarily unavailable" in page.text
    script("check", "server_error")
    with pytest.raises(BackendUnavailable):
        device.verify_token(outbox[-1].code)
    assert device.verify_token(outbox[-1].code)


def test_the_device_of_another_user_is_refused(browser, device, outbox):  # noqa: F811
    device.generate_challenge()
    create_user("eve")
    form = {"username": "eve", "password": PASSWORD, "otp_device": device.persistent_id, "otp_token": outbox[-1].code}
    browser.post("/account/login/", form)
    assert not browser.is_signed_in
    assert verification.verify_token(get_user_model().objects.get(username="eve"), device.persistent_id, "1") is None
    assert Authentication.objects.latest("pk").check_count == 0


def test_functions_of_the_same_names(device, outbox):  # noqa: F811
    user = device.user
    assert verification.match_token(user, "123456") is None
    device.generate_challenge()
    assert verification.verify_token(user, device.persistent_id, wrong(outbox[-1].code)) is None
    assert verification.match_token(user, outbox[-1].code) == device
    assert verification.match_token(user, outbox[-1].code) is None
    assert verification.verify_token(user, "otp_totp.totpdevice/1", "1") is None


@pytest.mark.django_db(transaction=True)
def test_inside_a_transaction_the_error_names_what_to_use(device, outbox):  # noqa: F811
    assert django_otp.match_token(device.user, "123456") is None  # There is no code to enter.
    device.generate_challenge()
    for call in (
        lambda: django_otp.match_token(device.user, outbox[-1].code),
        lambda: django_otp.verify_token(device.user, device.persistent_id, outbox[-1].code),
    ):
        with pytest.raises(TransactionManagementError, match=r"Use those of django_ding\.contrib\.otp"):
            call()
    with transaction.atomic(), pytest.raises(TransactionManagementError, match=r"@transaction\.non_atomic_requests"):
        device.generate_challenge()
    assert verification.match_token(device.user, outbox[-1].code) == device


@pytest.mark.django_db(transaction=True)
def test_one_of_many_wins_a_code(device, outbox):  # noqa: F811
    device.generate_challenge()
    code, barrier, won = outbox[-1].code, Barrier(8), []

    def enter():
        own = Device.from_persistent_id(device.persistent_id)
        barrier.wait(60)
        try:
            won.append(own.verify_token(code))
        finally:
            connection.close()

    threads = [Thread(target=enter) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Five checks reach the provider, and of these one wins.
    assert sorted(won) == [False] * 7 + [True]


# --- the device


def test_it_follows_the_primary_number(device, outbox):  # noqa: F811
    device.generate_challenge()
    verify(device.user, OTHER_PHONE)
    services.make_primary(PhoneNumber.objects.get(phone_number=OTHER_PHONE))
    device.generate_challenge()
    assert [message.phone_number for message in outbox][-1] == OTHER_PHONE
    assert PhoneDevice.objects.get() == device


def test_a_code_for_a_number_that_is_gone_opens_nothing(device, outbox):  # noqa: F811
    verify(device.user, OTHER_PHONE)
    device.generate_challenge()
    # Without the signal, too.
    PhoneNumber.objects.filter(phone_number=PHONE).delete()
    assert not device.verify_token(outbox[-1].code)


@pytest.mark.django_db(transaction=True)
def test_sessions_end_with_the_number(browser, device, outbox):  # noqa: F811
    log_in(browser, device, outbox)
    browser.open("/vault/")
    services.remove_number(PhoneNumber.objects.get())
    assert browser.get("/vault/").status_code == 302
    # It is still required, and can't be used.
    [left] = django_otp.devices_for_user(device.user)
    assert left != device
    assert left.generate_challenge() == "Your account has no phone number. Contact support."
    with pytest.raises(NoPhoneNumber):
        left.send_code()


def test_what_is_allowed_is_what_the_services_say(device, clock, outbox):  # noqa: F811
    assert device.generate_is_allowed() == (True, None)
    assert device.verify_is_allowed() == (False, {"error_message": "No code was sent, so there is none to enter."})
    authentication = device.send_code()
    assert device.verify_is_allowed() == (True, None)
    assert device.generate_is_allowed() == (
        False,
        {"reason": GenerateNotAllowed.COOLDOWN_DURATION_PENDING, "next_generation_at": authentication.next_retry_at},
    )
    clock.shift(31)
    assert device.generate_is_allowed() == (True, None)
    for _ in range(5):
        device.verify_token(wrong(outbox[-1].code))
    assert not device.verify_is_allowed()[0]
    clock.shift(600)
    assert device.verify_is_allowed()[1] == {"error_message": "This code has expired. Request a new one."}


def test_lockouts_and_limits_are_said(device, outbox):  # noqa: F811
    with sandbox(RATE_LIMITS={"send": "1/h/user", "check": "2/user"}) as messages:
        device.generate_challenge()
        for _ in range(2):
            device.verify_token(wrong(messages[-1].code))
        assert "Too many incorrect codes" in device.verify_is_allowed()[1]["error_message"]
        assert not device.verify_token(messages[-1].code)
        device.authentication_id = None
        assert not device.generate_challenge().startswith("We sent")


def test_a_message_that_may_come_can_be_entered(device, outbox):  # noqa: F811
    script("send", "dropped")
    assert device.generate_challenge().startswith("We couldn't confirm that your code was sent.")
    assert device.authentication_id == Authentication.objects.latest("pk").public_id


def test_users_who_had_numbers_before(member, device):
    other = create_user("bob")
    services.import_numbers([services.NumberToImport(user=other.pk, phone_number=OTHER_PHONE)])
    assert PhoneDevice.objects.create_missing() == 1
    assert PhoneDevice.objects.create_missing() == 0
    PhoneDevice.objects.all().delete()
    migration = import_module("django_ding.contrib.otp.migrations.0002_devices_of_verified_numbers")
    migration.create_devices(apps, SimpleNamespace(connection=connection))
    assert {device.user for device in PhoneDevice.objects.all()} == {member, other}


# --- the app


def test_migrations_are_complete():
    call_command("makemigrations", "django_ding_otp", check_changes=True, dry_run=True, verbosity=0)


def test_a_site_that_checks_in_a_transaction_is_found():
    assert check_admin_sites(None) == []
    site = TheirAdminSite("theirs")
    assert [message.id for message in check_admin_sites(None)] == ["django_ding_otp.W001"]
    del site


def test_without_the_package_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "django_otp", None)
    monkeypatch.delitem(sys.modules, "django_ding.contrib.otp.apps")
    with pytest.raises(ImportError, match=re.escape('pip install "django-ding[otp]"')):
        import_module("django_ding.contrib.otp.apps")
