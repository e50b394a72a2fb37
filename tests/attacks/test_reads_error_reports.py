"""A stranger who can read a project's error reports, such as the mails to ``ADMINS``, wants numbers and codes."""

import sys
from contextlib import contextmanager, suppress
from functools import partial
from itertools import count
from pathlib import Path

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth import aauthenticate, authenticate, get_user_model
from django.core.cache import caches
from django.core.signals import got_request_exception
from django.db import connection
from django.test import Client
from django.views.debug import ExceptionReporter
from rest_framework.test import APIClient

import django_ding
from django_ding import services
from django_ding.backends import get_backend
from django_ding.backends.base import BaseBackend
from django_ding.backends.types import SendResponse, SendStatus
from django_ding.conf import DEFAULT_RATE_LIMITS
from django_ding.exceptions import DingError
from django_ding.models import Authentication, PhoneNumber
from django_ding.testing import outbox, sandbox
from tests.api.helpers import URL
from tests.helpers import create_authentication, verify

pytestmark = pytest.mark.django_db(transaction=True)

PACKAGE = str(Path(django_ding.__file__).parent)
NUMBER, OTHER, CODE, IP = "+33612345678", "+447400123456", "135790", "192.0.2.7"


class Broken(Exception):
    """What nothing expects, and so nothing handles."""


@pytest.fixture
def owner(db):
    """A user called by their number, as in many projects."""
    return get_user_model().objects.create_user(NUMBER)


@pytest.fixture(autouse=True)
def project(outbox):
    with sandbox(LOGIN_CREATES_USER=True, RATE_LIMITS={"send": DEFAULT_RATE_LIMITS}):
        yield


def fail_at_each_statement(prepare, owner):
    """Call what ``prepare`` returns with each SQL statement failing in turn, and yield the report of each error.

    :param prepare: takes the user and their number. Nothing else is there.
    """
    for position in count():
        caches["default"].clear()
        outbox.clear()
        Authentication.objects.all().delete()
        PhoneNumber.objects.all().delete()
        number = PhoneNumber.objects.create(user=owner, phone_number=NUMBER, is_primary=True)
        call, statements = prepare(owner, number), count()

        def fail(execute, *arguments, position=position, statements=statements):
            if next(statements) == position:
                raise Broken("disk full")
            return execute(*arguments)

        with connection.execute_wrapper(fail), suppress(DingError):
            try:
                call()
            except Broken:
                yield ExceptionReporter(None, *sys.exc_info())
        if next(statements) <= position:
            return


def leaks(report):
    """Return where a report shows a secret: in frames of this package, and in those that they call."""
    frames = report.get_traceback_data()["frames"]
    ours = [index for index, frame in enumerate(frames) if frame["filename"].startswith(PACKAGE)]
    secrets = (NUMBER.removeprefix("+33"), OTHER.removeprefix("+44"), CODE, *(sent.code for sent in outbox))
    return [
        (Path(frame["filename"]).name, frame["function"], name)
        for frame in frames[min(ours, default=len(frames)) :]
        for name, value in frame["vars"]
        if frame["filename"] != __file__ and any(secret in value for secret in secrets)
    ]


def sent(**arguments):
    return services.send(NUMBER, **arguments).authentication


def validated(purpose, phone_number=NUMBER):
    return verify(phone_number, purpose=purpose, ip=IP)


def retryable(owner):
    row = sent(user=owner)
    Authentication.objects.update(next_retry_at=None)
    return services.get_authentication(row.public_id)


#: What is called, and what makes its arguments of the user and the number.
SERVICES = {
    "send": (services.send, lambda owner, number: (NUMBER,)),
    "check a wrong code": (services.check, lambda owner, number: (sent(user=owner), CODE)),
    "check a right code": (services.check, lambda owner, number: (sent(user=owner), outbox[-1].code)),
    "asend": (async_to_sync(services.asend), lambda owner, number: (NUMBER,)),
    "acheck": (async_to_sync(services.acheck), lambda owner, number: (sent(user=owner), CODE)),
    "retry": (services.retry, lambda owner, number: (retryable(owner),)),
    "refresh": (services.refresh, lambda owner, number: (sent(user=owner),)),
    "cancel": (services.cancel, lambda owner, number: (sent(user=owner),)),
    "redeem_login": (services.redeem_login, lambda owner, number: (validated("login"),)),
    "redeem_login of a new user": (services.redeem_login, lambda owner, number: (validated("login", OTHER),)),
    "authenticate": (
        lambda row: authenticate(None, authentication=row),
        lambda owner, number: (validated("login"),),
    ),
    "aauthenticate": (
        lambda row: async_to_sync(aauthenticate)(None, authentication=row),
        lambda owner, number: (validated("login"),),
    ),
    "claim": (
        lambda row, user: services.claim(row, user=user),
        lambda owner, number: (validated("signup", OTHER), owner),
    ),
    "verify_proof": (services.verify_proof, lambda owner, number: (services.make_proof(validated("signup")),)),
    "primary_number": (services.primary_number, lambda owner, number: (owner,)),
    "has_verified_number": (services.has_verified_number, lambda owner, number: (owner,)),
    "make_primary": (services.make_primary, lambda owner, number: (number,)),
    "remove_number": (services.remove_number, lambda owner, number: (number,)),
    "replace_number": (
        services.replace_number,
        lambda owner, number: (number, PhoneNumber.objects.create(user=owner, phone_number=OTHER)),
    ),
    "remember_device": (services.remember_device, lambda owner, number: (owner,)),
    "forget_devices": (services.forget_devices, lambda owner, number: (owner,)),
    "lookup": (services.lookup, lambda owner, number: (NUMBER,)),
    "feedback": (services.feedback, lambda owner, number: (NUMBER, "onboarded")),
    "report_onboarded": (lambda: services.report_onboarded(since=60), lambda owner, number: ()),
    "export_data": (lambda: services.export_data(phone_number=NUMBER), lambda owner, number: ()),
    "erase_data": (lambda: services.erase_data(phone_number=NUMBER), lambda owner, number: ()),
    "reconcile": (
        lambda row: services.reconcile(),
        lambda owner, number: (create_authentication(phone_number=NUMBER),),
    ),
    "purge": (services.purge, lambda owner, number: ()),
    "roll_up": (services.roll_up, lambda owner, number: ()),
}


@pytest.mark.skipif(sys.version_info < (3, 12), reason="there, frames below a generator lead to no caller")
@pytest.mark.parametrize("name", SERVICES)
def test_service(name, owner):
    service, make_arguments = SERVICES[name]
    for report in fail_at_each_statement(lambda *world: partial(service, *make_arguments(*world)), owner):
        assert leaks(report) == []


class BrokenBackend(BaseBackend):
    """Fails with what no backend may fail with."""

    supports_status = supports_feedback = supports_lookup = supports_cancel = True
    is_broken = False

    def send(self, request):
        return SendResponse(status=self.status_or_fail(SendStatus.PENDING), authentication_uuid="1")

    def status_or_fail(self, status):
        if self.is_broken:
            raise Broken("disk full")
        return status

    def check(self, *arguments, **more):
        raise Broken("disk full")

    retry = status = cancel = feedback = lookup = check


@pytest.mark.parametrize(
    "name", ["send", "asend", "check a wrong code", "retry", "refresh", "cancel", "lookup", "feedback"]
)
def test_service_with_a_broken_backend(name, owner, settings):
    settings.DING = {"BACKENDS": {"default": {"BACKEND": f"{__name__}.BrokenBackend"}}, "RATE_LIMITS": {}}
    service, make_arguments = SERVICES[name]
    arguments = make_arguments(owner, None)
    get_backend().is_broken = True
    with pytest.raises(Broken) as raised:
        service(*arguments)
    assert leaks(ExceptionReporter(None, raised.type, raised.value, raised.tb)) == []


@contextmanager
def reported():
    """Collect the reports of what fails in views."""
    reports = []

    def report(request, **kwargs):
        reports.append(ExceptionReporter(request, *sys.exc_info()))

    got_request_exception.connect(report)
    try:
        yield reports
    finally:
        got_request_exception.disconnect(report)


def rest_client(owner):
    client = APIClient(raise_request_exception=False)
    client.force_authenticate(owner)
    return client


def page_client(owner):
    client = Client(raise_request_exception=False, REMOTE_ADDR=IP)
    if owner:
        client.force_login(owner, "django.contrib.auth.backends.ModelBackend")
    return client


def at_code_page(owner, start, typed):
    """Return a browser that has requested a code."""
    client = page_client(owner)
    assert client.post(start, typed).status_code == 302
    return client


#: A request, and what makes the client and the URL of it.
REQUESTS = {
    "send": ({"phone_number": OTHER}, lambda owner, number: (rest_client(owner), URL)),
    "check": (
        {"code": CODE},
        lambda owner, number: (rest_client(owner), f"{URL}{sent(user=owner).public_id}/check/"),
    ),
    "check of a right code": (
        None,
        lambda owner, number: (rest_client(owner), f"{URL}{sent(user=owner).public_id}/check/"),
    ),
    "retry": ({}, lambda owner, number: (rest_client(owner), f"{URL}{retryable(owner).public_id}/retry/")),
    "login": ({"phone_number": NUMBER}, lambda owner, number: (rest_client(None), "/api/phone/login/")),
    "login check": (
        None,
        lambda owner, number: (
            rest_client(None),
            f"/api/phone/login/{sent(ip=IP, purpose='login').public_id}/check/",
        ),
    ),
    "make primary": (
        {},
        lambda owner, number: (rest_client(owner), f"/api/phone/phone-numbers/{number.public_id}/make-primary/"),
    ),
    "login page": (
        {"phone_number": NUMBER},
        lambda owner, number: (page_client(None), "/phone/login/"),
    ),
    "login code page": (
        None,
        lambda owner, number: (
            at_code_page(None, "/phone/login/", {"phone_number": NUMBER}),
            "/phone/login/code/",
        ),
    ),
    "add page": ({"phone_number": OTHER}, lambda owner, number: (page_client(owner), "/phone/numbers/add/")),
    "number code page": (
        None,
        lambda owner, number: (
            at_code_page(owner, "/phone/numbers/add/", {"phone_number": OTHER}),
            "/phone/numbers/code/",
        ),
    ),
    "remove page": (
        {},
        lambda owner, number: (page_client(owner), f"/phone/numbers/{number.public_id}/remove/"),
    ),
    "password page": (
        {"username": NUMBER, "password": "secret"},
        lambda owner, number: (page_client(None), "/password/"),
    ),
    "second factor page": (
        None,
        lambda owner, number: (
            at_code_page(None, "/password/", {"username": NUMBER, "password": "secret"}),
            "/phone/second-factor/",
        ),
    ),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_request(name, owner, settings):
    settings.ROOT_URLCONF = "tests.attacks.site"
    settings.LOGIN_URL = "/password/"
    owner.set_password("secret")
    owner.save()
    data, make = REQUESTS[name]

    def prepare(owner, number):
        client, url = make(owner, number)
        return partial(client.post, url, {"code": outbox[-1].code, "remember": "on"} if data is None else data)

    with reported() as reports:
        assert not list(fail_at_each_statement(prepare, owner))  # The client doesn't raise.
    assert reports
    assert [leak for report in reports for leak in leaks(report)] == []
