"""What every page does: no transaction around the counting, no page without its marks, a known number of statements."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from django_ding.login.urls import urlpatterns
from django_ding.models import Authentication
from django_ding.testing import script
from tests.helpers import count_statements
from tests.login.helpers import ADD, ALICE, LOGIN, LOGIN_CODE, NUMBER_CODE, NUMBERS, PASSWORD, SECOND_FACTOR, wrong


@pytest.fixture
def atomic_requests(monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("atomic_requests")
@pytest.mark.parametrize(
    ("start", "data", "code_page"),
    [
        (PASSWORD, ALICE, SECOND_FACTOR),
        (LOGIN, {"phone_number": "+33612345678"}, LOGIN_CODE),
        (ADD, {"phone_number": "+447400123456"}, NUMBER_CODE),
    ],
)
def test_wrong_codes_stay_counted(client, account, outbox, simulator, start, data, code_page):
    if start == ADD:
        client.force_login(account)
    assert client.post(start, data).url == code_page
    for _ in range(8):
        client.post(code_page, {"code": wrong(outbox[-1].code)})
    assert simulator.calls["check"] == 5
    assert Authentication.objects.get().check_count == 5


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("atomic_requests")
@pytest.mark.parametrize(("url", "data"), [(PASSWORD, ALICE), (LOGIN, {"phone_number": "+33612345678"})])
def test_failed_send_stays_recorded(client, account, url, data):
    script("send", "server_error")
    client.post(url, data)
    assert Authentication.objects.get().error_code == "http_500"


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("atomic_requests")
def test_logins_work_with_atomic_requests(client, account, outbox):
    client.post(PASSWORD, ALICE)
    assert client.post(SECOND_FACTOR, {"code": outbox[-1].code, "remember": "on"}).url == "/"


@pytest.mark.parametrize("pattern", urlpatterns, ids=lambda pattern: pattern.name)
def test_pages_are_out_of_transactions(pattern):
    assert "default" in pattern.callback._non_atomic_requests


@pytest.mark.django_db
def test_pages_of_the_flow_are_open_where_a_login_is_required(client, settings, account, outbox):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "django.contrib.auth.middleware.LoginRequiredMiddleware"]
    client.post(PASSWORD, ALICE)
    assert client.post(SECOND_FACTOR, {"code": wrong(outbox[-1].code)}).url == SECOND_FACTOR
    assert client.get(f"{SECOND_FACTOR}resend/").url == SECOND_FACTOR
    client.post(LOGIN, {"phone_number": "+447400123456"})
    assert client.post(f"{LOGIN_CODE}resend/").status_code == 200
    assert client.get(LOGIN_CODE).status_code == 200


@pytest.mark.django_db
def test_pages_are_not_cached(client, account):
    client.post(PASSWORD, ALICE)
    client.post(LOGIN, {"phone_number": "+447400123456"})
    for url in (PASSWORD, SECOND_FACTOR, LOGIN, LOGIN_CODE):
        assert "no-store" in client.get(url)["Cache-Control"], url
    client.force_login(account)
    for url in (NUMBERS, ADD):
        assert "no-store" in client.get(url)["Cache-Control"], url


@pytest.mark.django_db
@pytest.mark.parametrize("url", [PASSWORD, LOGIN, LOGIN_CODE, SECOND_FACTOR, ADD, NUMBER_CODE])
def test_posts_need_a_csrf_token(site, account, outbox, settings, url):
    """Also where the project has no middleware that asks for it."""
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "Csrf" not in name]
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(account)
    assert strict.post(url, {**ALICE, "phone_number": "+447400123456", "code": "123456"}).status_code == 403
    assert len(outbox) == 0


@pytest.mark.django_db
def test_session_holds_no_code_and_no_number(client, account, outbox):
    client.post(PASSWORD, ALICE)
    client.post(LOGIN, {"phone_number": "+447400123456"})
    client.post(LOGIN, {"phone_number": "+12025550113"})
    for url in (SECOND_FACTOR, LOGIN_CODE):
        client.post(url, {"code": (typed := wrong(outbox[-1].code))})
    kept = str(dict(client.session))
    assert {"django_ding.second_factor", "django_ding.login", "django_ding.message"} <= set(client.session.keys())
    assert not any(secret in kept for secret in (typed, "612345678", "7400123456", "2025550113"))


@pytest.fixture
def broken(settings):
    """Let the provider's side fail with a bug, and the site show the report that its maintainers get."""

    def break_it():
        settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.login.helpers.reported"]
        settings.DING = {**settings.DING, "BACKENDS": {"default": {"BACKEND": "tests.stubs.Broken"}}}

    return break_it


@pytest.mark.django_db
@pytest.mark.parametrize(("url", "data"), [(PASSWORD, ALICE), (LOGIN, {"phone_number": "06 12 34 56 78"})])
def test_error_reports_hold_no_number(client, account, broken, url, data):
    broken()
    report = client.post(url, data).text
    assert "ZeroDivisionError" in report
    assert "612345678" not in report
    assert "06 12 34 56 78" not in report


@pytest.mark.django_db
def test_error_reports_hold_no_code(client, account, outbox, broken):
    client.post(PASSWORD, ALICE)
    code = wrong(outbox[-1].code)
    broken()
    client.handler = Client().handler  # It has the middleware of now.
    report = client.post(SECOND_FACTOR, {"code": f"{code[:3]} {code[3:]}"}).text
    assert "ZeroDivisionError" in report
    assert code not in report
    assert f"{code[:3]} {code[3:]}" not in report


# Statements on our own tables. Those on the session and the user are Django's.


@pytest.fixture
def statements():
    """Count the statements of a request on this app's tables."""

    def count(request) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert request().status_code in (200, 302)
        ours = [query["sql"] for query in queries if "django_ding_" in query["sql"].partition("session_data")[0]]
        return sum(map(count_statements, ours))

    return count


@pytest.mark.django_db
def test_statements_of_a_phone_login(client, account, phone, outbox, statements):
    counts = [
        statements(lambda: client.get(LOGIN)),
        statements(lambda: client.post(LOGIN, {"phone_number": phone})),
        statements(lambda: client.get(LOGIN_CODE)),
        statements(lambda: client.post(LOGIN_CODE, {"code": wrong(outbox[-1].code)})),
        statements(lambda: client.post(f"{LOGIN_CODE}resend/")),
        statements(lambda: client.post(LOGIN_CODE, {"code": outbox[-1].code})),
    ]
    assert counts == [0, 3, 2, 4, 5, 7]


@pytest.mark.django_db
def test_statements_of_a_second_factor(client, account, outbox, statements):
    counts = [
        statements(lambda: client.post(PASSWORD, ALICE)),
        statements(lambda: client.post(SECOND_FACTOR, {"code": outbox[-1].code})),
    ]
    assert counts == [5, 6]


@pytest.mark.django_db
def test_statements_of_a_gate(client, account, statements):
    client.force_login(account)
    assert statements(lambda: client.get("/gated/function/")) == 1
