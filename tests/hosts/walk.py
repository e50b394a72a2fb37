"""One walk through every part of this app, in a host project. A test is a step.

``test_projects.py`` runs it in a process for each project, as does
``python -m pytest tests/hosts/walk.py --ds=tests.hosts.projects.plain``.
"""

import csv
import json
import re
from io import StringIO
from urllib.parse import urlsplit

import pytest
from asgiref.sync import async_to_sync
from django.apps import apps
from django.conf import settings
from django.core import checks
from django.core.management import call_command
from django.test import AsyncClient, Client
from django.utils.module_loading import import_string

from django_ding import services
from django_ding.backends import get_backend
from django_ding.models import Authentication, PhoneNumber
from django_ding.testing import sandbox

pytestmark = pytest.mark.django_db

WALK = settings.WALK
PHONE, OTHER_PHONE = "+33612345678", "+33612345679"
PASSWORD = "a long pass phrase"
UTC_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
#: The project's own, before the tests change it.
DING = settings.DING


@pytest.fixture(autouse=True)
def _without(request):
    step = request.node.name.partition("[")[0].removeprefix("test_")
    if reason := settings.WITHOUT.get(step):
        pytest.skip(reason)


@pytest.fixture(autouse=True)
def outbox():
    """The project's own settings, but for limits and costs."""
    with sandbox() as messages:
        yield messages


def create_user(name, **kwargs):
    return import_string(WALK["create_user"])(name, password=PASSWORD, **kwargs)


@pytest.fixture
def user(db):
    return create_user("alice")


@pytest.fixture
def member(user):
    """A user with a verified number."""
    user.ding_phone_numbers.create(phone_number=PHONE, is_primary=True)
    return user


class Browser(Client):
    """Follows what a page answers, as a person would."""

    def open(self, url):
        response = self.get(url)
        assert response.status_code == 200, (url, response.status_code, response.get("Location"))
        return response

    def submit(self, url, **data):
        """Open a page, post its form, and return the response."""
        self.open(url)
        return self.post(url, data)

    def submit_and_go(self, url, **data):
        """Open a page, post its form, and return the URL that it leads to."""
        response = self.submit(url, **data)
        assert response.status_code == 302, (url, response.status_code, errors(response))
        return response.url

    @property
    def is_signed_in(self):
        return "_auth_user_id" in self.session


def errors(response):
    form = (response.context or {}).get("form")
    return form.errors if form is not None else response.text[:2000]


@pytest.fixture
def browser():
    return Browser()


class App(Client):
    """A mobile app: JSON there and back."""

    def call(self, path, data=None, *, status, method="POST"):
        response = self.generic(
            method, WALK["api"] + path, "" if data is None else json.dumps(data), content_type="application/json"
        )
        assert response.status_code == status, (path, response.status_code, response.text[:2000])
        return response.json() if response.content else None

    def sign_in(self, user):
        if settings.MAKE_TOKEN:
            self.defaults["HTTP_AUTHORIZATION"] = f"Bearer {import_string(settings.MAKE_TOKEN)(user)}"
            self.defaults["HTTP_STEP_UP_PROOF"] = services.make_step_up_proof(user)
        else:
            self.force_login(user)


@pytest.fixture
def app():
    return App()


def wrong(code):
    return f"{(int(code) + 1) % 10 ** len(code):0{len(code)}d}"


# --- the project


def test_checks(settings):
    settings.DING, settings.DEBUG = DING, True
    found = [message for message in checks.run_checks() if (message.id or "").startswith("django_ding.")]
    assert sorted(message.id for message in found) == sorted(settings.EXPECTED_CHECKS), found


def test_migrations():
    call_command("migrate", check_unapplied=True, verbosity=0)
    call_command("makemigrations", "django_ding", check_changes=True, dry_run=True, verbosity=0)


# --- REST


def test_rest_sign_up(app, outbox):
    sent = app.call("authentications/", {"phone_number": "06 12 34 56 78"}, status=201)
    assert sent["phone_number"] == PHONE
    for name in ("created_at", "expires_at", "next_retry_at"):
        assert UTC_TIME.fullmatch(sent[name]), name
    path = f"authentications/{sent['id']}/"
    assert app.call(path, method="GET", status=200) == sent
    failed = app.call(f"{path}check/", {"code": wrong(outbox[-1].code)}, status=400)
    assert (failed["code"], failed["remaining_checks"]) == ("invalid", 4)
    done = app.call(f"{path}check/", {"code": outbox[-1].code}, status=200)
    assert done["status"] == "valid"
    assert services.verify_proof(done["proof"]).phone_number == PHONE


def test_rest_failures(app):
    assert app.call("authentications/", {"phone_number": "12"}, status=400)["code"] == "invalid_phone_number"
    failed = app.call("authentications/", {}, status=400)
    assert failed["code"] == "invalid_input"
    assert isinstance(failed["detail"], str)
    assert list(failed["errors"]) == ["phone_number"]
    assert app.call("authentications/", [1], status=400)["code"] == "invalid_input"
    assert app.call("authentications/nothing/", method="GET", status=404)["code"] == "not_found"
    assert app.call("authentications/", method="DELETE", status=405)["code"] == "method_not_allowed"


def test_rest_numbers(app, user, outbox):
    app.sign_in(user)
    for number in (PHONE, OTHER_PHONE):
        sent = app.call("authentications/", {"phone_number": number}, status=201)
        path = f"authentications/{sent['id']}/"
        assert app.call(f"{path}check/", {"code": outbox[-1].code}, status=200)["status"] == "valid"
        App().call(path, method="GET", status=404)
    first, second = app.call("phone-numbers/", method="GET", status=200)
    assert (first["phone_number"], first["is_primary"]) == (PHONE, True)
    assert UTC_TIME.fullmatch(first["verified_at"])
    assert app.call(f"phone-numbers/{second['id']}/make-primary/", status=200)["is_primary"]
    app.call(f"phone-numbers/{first['id']}/", method="DELETE", status=204)
    assert [number.phone_number for number in PhoneNumber.objects.all()] == [OTHER_PHONE]


def test_rest_login(app, member, outbox):
    sent = app.call("login/", {"phone_number": PHONE}, status=201)
    assert app.call(f"login/{sent['id']}/check/", {"code": wrong(outbox[-1].code)}, status=400)["code"] == "invalid"
    answer = app.call(f"login/{sent['id']}/check/", {"code": outbox[-1].code}, status=200)
    if settings.MAKE_TOKEN:
        app.defaults["HTTP_AUTHORIZATION"] = f"Bearer {answer['access']}"
    else:
        assert answer == {"status": "valid"}
    assert len(app.call("phone-numbers/", method="GET", status=200)) == 1


def test_rest_device(app, member, outbox):
    app.sign_in(member)
    services.remember_device(member)
    [device] = app.call("devices/", method="GET", status=200)
    assert UTC_TIME.fullmatch(device["expires_at"])
    app.call(f"devices/{device['id']}/", method="DELETE", status=204)
    sent = app.call("step-up/", {}, status=201)
    assert app.call(f"authentications/{sent['id']}/check/", {"code": outbox[-1].code}, status=200)["proof"]


# --- pages


def test_numbers_pages(browser, user, outbox):
    browser.force_login(user)
    code_page = browser.submit_and_go(f"{WALK['pages']}numbers/add/", phone_number="06 12 34 56 78")
    assert browser.submit_and_go(code_page, code=wrong(outbox[-1].code)) == code_page
    numbers_page = browser.submit_and_go(code_page, code=outbox[-1].code)
    assert urlsplit(numbers_page).path == f"{WALK['pages']}numbers/"
    assert "+33\xa06\xa012\xa034\xa056\xa078" in browser.open(numbers_page).text
    [number] = user.ding_phone_numbers.all()
    code_page = browser.submit_and_go(f"{numbers_page}{number.public_id}/change/", phone_number=OTHER_PHONE)
    assert browser.submit_and_go(code_page, code=outbox[-1].code) == numbers_page
    [number] = user.ding_phone_numbers.all()
    assert number.phone_number == OTHER_PHONE
    assert browser.submit_and_go(f"{numbers_page}{number.public_id}/remove/") == numbers_page
    assert not user.ding_phone_numbers.exists()


def test_resend(browser, user, clock, outbox):
    browser.force_login(user)
    code_page = browser.submit_and_go(f"{WALK['pages']}numbers/add/", phone_number=PHONE)
    page = browser.open(code_page)
    assert 'data-ding-wait="[30,' in page.text
    clock.shift(31)
    answer = browser.post(page.context["resend_url"])
    assert (answer.status_code, answer.url) == (302, code_page)
    assert len(outbox) == 2
    clock.shift(570)
    assert 'role="alert"' in browser.open(code_page).text  # The code has expired.


def test_phone_login(browser, member, outbox):
    code_page = browser.submit_and_go(f"{WALK['pages']}login/", phone_number=PHONE)
    assert browser.submit_and_go(code_page, code=outbox[-1].code) == settings.LOGIN_REDIRECT_URL
    assert browser.is_signed_in


def test_login_creates_users(settings, outbox):
    settings.DING = {**settings.DING, "LOGIN_CREATES_USER": True}
    for number in (PHONE, OTHER_PHONE):
        visitor = Browser()
        code_page = visitor.submit_and_go(f"{WALK['pages']}login/", phone_number=number)
        next_page = visitor.submit_and_go(code_page, code=outbox[-1].code)
        if visitor.is_signed_in:
            assert PhoneNumber.objects.get(phone_number=number).is_primary
        else:
            assert not settings.CREATES_USERS
            assert "We couldn&#x27;t create your account." in visitor.open(next_page).text
            return
    assert settings.CREATES_USERS


def test_second_factor(browser, member, outbox):
    name = getattr(member, member.USERNAME_FIELD)
    code_page = browser.submit_and_go(WALK["login"], username=name, password=PASSWORD)
    assert not browser.is_signed_in
    assert browser.submit_and_go(code_page, code=outbox[-1].code, remember="on") == settings.LOGIN_REDIRECT_URL
    assert browser.is_signed_in
    browser.open(f"{WALK['pages']}devices/")


def test_gate(browser, user, outbox):
    answer = browser.get(WALK["gate"])
    assert answer.status_code == 302
    browser.force_login(user)
    add_page = browser.get(WALK["gate"]).url
    code_page = browser.submit_and_go(add_page, phone_number=PHONE)
    assert browser.submit_and_go(code_page, code=outbox[-1].code) == WALK["gate"]
    assert browser.open(WALK["gate"]).text == "for members"


# --- support


@pytest.fixture
def agent(browser, db):
    """The browser of an agent of the support."""
    browser.force_login(create_user("agent", is_agent=True))
    return browser


def test_admin(agent, member, clock, outbox):
    row = services.send(PHONE, user=member).authentication
    services.check(row, wrong(outbox[-1].code))
    admin = f"{WALK['admin']}django_ding/"
    for model in apps.get_app_config("django_ding").get_models():
        if model._meta.model_name in ("authentication", "phonenumber", "block", "refusal", "lockout"):
            agent.open(f"{admin}{model._meta.model_name}/")
    rows = agent.open(f"{admin}authentication/").text
    for control in ('id="ding-search"', "authentication/export/", 'value="refresh"', 'aria-labelledby="pagination"'):
        assert control in rows, control
    # A link or, in some themes, an option.
    assert re.search(r'\bstatus=pending"|data-name="status" value="pending"', rows)
    found = agent.post(f"{admin}authentication/search/", {"q": PHONE}).url
    assert str(row.pk) in agent.open(urlsplit(found).path + "?" + urlsplit(found).query).text
    agent.open(f"{admin}authentication/?status=pending")
    page = agent.open(f"{admin}authentication/{row.pk}/change/")
    for part in ("+33", "ding-timeline", "refresh/?pk="):
        assert part in page.text, part
    agent.open(f"{admin}phonenumber/{member.ding_phone_numbers.get().pk}/change/")
    agent.open(f"{admin}dailystatistics/")
    export = agent.get(f"{admin}authentication/export/")
    assert str(row.public_id) in export.getvalue().decode()
    assert agent.submit_and_go(f"{admin}authentication/refresh/?pk={row.pk}", pk=row.pk)
    history = f"{admin}authentication/{row.pk}/history/"
    assert history in agent.open(f"{admin}authentication/{row.pk}/change/").text
    agent.open(history)


def test_commands(member, clock, outbox):
    out = StringIO()
    call_command("ding_send", OTHER_PHONE, stdout=out)
    row = Authentication.objects.get()
    call_command("ding_status", str(row.public_id), stdout=out)
    call_command("ding_check", str(row.public_id), outbox[-1].code, stdout=out)
    for command in ("ding_rollup", "ding_reconcile", "ding_blocks"):
        call_command(command, stdout=out)
    clock.shift(86400 * 31)
    call_command("ding_purge", "--older-than", "30d", stdout=out)
    assert not Authentication.objects.exists()
    exported = services.export_data(user=member)
    assert json.loads(json.dumps(exported))["phone_numbers"]


def test_number_commands(member, tmp_path):
    path = tmp_path / "numbers.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("user", "phone_number"), (member.pk, OTHER_PHONE)])
    for expected in ("Imported 1 number; 0 unchanged.", "Imported 0 numbers; 1 unchanged."):
        out = StringIO()
        call_command("ding_import_numbers", str(path), stdout=out)
        assert out.getvalue().strip() == expected
    assert [number.phone_number for number in member.ding_phone_numbers.all()] == [PHONE, OTHER_PHONE]
    member.ding_phone_numbers.filter(phone_number=PHONE).update(phone_number="+22507123456")
    call_command("ding_renumber", "--from", "+22507", "--to", "+2250707", stdout=out)
    assert services.primary_number(member).phone_number == "+2250707123456"


# --- the provider, and async views


def test_webhook(client, user, settings):
    settings.DING = {**settings.DING, "WEBHOOK_BASE_URL": "https://example.com"}
    row = services.send(PHONE, user=user).authentication
    url = services.make_webhook_url(get_backend("default"), row.public_id)
    event = {
        "id": "event-1",
        "type": "delivery_status",
        "status": "delivered",
        "attempt_number": 1,
        "time": "2026-06-01T12:00:00Z",
        "correlation_id": str(row.public_id),
    }
    assert client.post(urlsplit(url).path, json.dumps(event), content_type="application/json").status_code == 200
    row.refresh_from_db()
    assert row.delivery_status == "delivered"


def test_async(user, outbox):
    async def send_and_check():
        sent = await services.asend(PHONE, user=user)
        return await services.acheck(sent.authentication, outbox[-1].code)

    assert async_to_sync(send_and_check)().phone_number.user == user
    response = async_to_sync(AsyncClient().get)(WALK["gate"])
    assert response.status_code == 302
