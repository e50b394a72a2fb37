"""Who can report what, and the answers."""

import json
import socket
from io import BytesIO
from typing import ClassVar
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.handlers.asgi import ASGIRequest
from django.core.signing import Signer
from django.db import OperationalError, connection
from django.test import Client
from django.urls import include, path, reverse, set_urlconf
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from django_ding.backends import get_backend
from django_ding.backends.types import WebhookRequest
from django_ding.exceptions import InvalidWebhook
from django_ding.models import Authentication, Event
from django_ding.services import is_webhook_token, make_webhook_url, send
from django_ding.testing import sandbox
from django_ding.webhooks.views import MAX_BODY, PerRequestWebhookView
from tests.helpers import Statements, failing_statements
from tests.stubs import Plain, using


@pytest.fixture(autouse=True)
def _here(settings):
    settings.DING = {**settings.DING, "WEBHOOK_BASE_URL": "http://127.0.0.1:9"}


@pytest.fixture
def authentication(phone, db):
    return send(phone).authentication


def make_url(public_id):
    return make_webhook_url(get_backend(), public_id)


def test_url_is_that_of_the_project_in_each_urlconf():
    url = make_url(UUID(int=1))
    set_urlconf("django_ding.api.urls")  # As Django does for a request with a urlconf, such as that of a subdomain.
    try:
        assert make_url(UUID(int=1)) == url
    finally:
        set_urlconf(None)


def test_url_is_found_in_a_namespace(settings):
    class Project:
        urlpatterns = [path("in/", include(([path("hooks/", include("django_ding.webhooks.urls"))], "project")))]

    settings.ROOT_URLCONF = Project
    assert urlsplit(make_url(UUID(int=1))).path.startswith("/in/hooks/default/")


def path_of(authentication):
    return urlsplit(make_url(authentication.public_id)).path


def event(authentication, **changes):
    common = {
        "id": str(uuid4()),
        "auth_uuid": authentication.authentication_uuid,
        "type": "attempt",
        "recipient_phone_number": authentication.phone_number,
        "price": {"amount": 0.03, "currency": "EUR"},
        "time": "2026-06-01T12:00:00+0000",
        "correlation_id": str(authentication.public_id),
    }
    return {**common, **changes}


def post(path, content):
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Client(enforce_csrf_checks=True).post(path, body, content_type="application/json")


# The URL.


def test_url_is_made_of_base_and_mount(settings):
    settings.DING = {**settings.DING, "WEBHOOK_BASE_URL": "https://example.com/shop/"}
    public_id = uuid4()
    assert make_url(public_id).startswith(f"https://example.com/shop/ding/webhooks/default/{public_id}/")


def test_url_is_none_without_a_base(settings):
    settings.DING = {**settings.DING, "WEBHOOK_BASE_URL": None}
    assert make_url(uuid4()) is None


def test_send_gives_the_provider_the_url(authentication, simulator):
    request = simulator.inspect(authentication.authentication_uuid).request
    assert request.callback_url == make_url(authentication.public_id)


def test_send_without_a_base_gives_none(phone, simulator, db):
    with sandbox():
        row = send(phone).authentication
        assert simulator.inspect(row.authentication_uuid).request.callback_url is None


@pytest.mark.django_db
def test_send_in_a_project_without_the_webhooks_leaves_nothing(phone, simulator, settings):
    settings.ROOT_URLCONF = "django_ding.api.urls"
    with pytest.raises(ImproperlyConfigured, match=r"django_ding\.webhooks\.urls"):
        send(phone)
    assert not Authentication.objects.exists()
    assert not simulator.calls


class Tenants:
    """A project whose webhooks stand below an argument, and nowhere else."""

    urlpatterns = [path("<slug:tenant>/hooks/", include("django_ding.webhooks.urls"))]


@pytest.mark.django_db
def test_send_in_a_project_with_the_webhooks_below_an_argument_leaves_nothing(phone, simulator, settings):
    settings.ROOT_URLCONF = Tenants
    with pytest.raises(ImproperlyConfigured, match=r"root URLconf\. Below an argument"):
        send(phone)
    assert not Authentication.objects.exists()
    assert not simulator.calls


def test_arguments_of_the_url_are_ignored(authentication, settings):
    url = path_of(authentication).replace("/ding/webhooks/", "/acme/hooks/")
    settings.ROOT_URLCONF = Tenants
    assert post(url, event(authentication)).status_code == 200
    assert authentication.events.filter(type="attempt").exists()
    with using(Signed):
        assert post("/acme/hooks/default/", b"signed").status_code == 200


def test_token_of_another_salt_is_refused():
    public_id = uuid4()
    assert not is_webhook_token("default", public_id, Signer().signature(f"default:{public_id}"))


# Who can report.


@pytest.fixture
def no_queries(django_assert_num_queries, db):
    with django_assert_num_queries(0):
        yield


@pytest.mark.parametrize("token", ["x", "-" * 43, "é", "a:b", "%00"])
def test_forged_url_is_404_before_the_database(token, no_queries):
    assert (
        Client().post(f"/ding/webhooks/default/{uuid4()}/{token}/", b"{}", content_type="application/json").status_code
        == 404
    )


def test_altered_url_is_404_before_the_database(authentication, django_assert_num_queries):
    path = path_of(authentication)
    other = str(uuid4())
    altered = [path[:-2] + ("A/" if path[-2] != "A" else "B/"), path.replace(str(authentication.public_id), other)]
    with django_assert_num_queries(0):
        assert [post(path, event(authentication)).status_code for path in altered] == [404, 404]


def test_url_by_an_old_key_is_good_until_the_key_is_retired(authentication, settings):
    path = path_of(authentication)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new", [settings.SECRET_KEY]
    assert post(path, event(authentication)).status_code == 200
    settings.SECRET_KEY_FALLBACKS = []
    assert post(path, event(authentication)).status_code == 404


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete", "head", "options"])
def test_only_post_is_allowed(method, no_queries):
    path = reverse("django_ding_webhooks:per_request", args=["default", uuid4(), "x"])
    assert getattr(Client(), method)(path).status_code == 405


def test_event_of_another_authentication_is_404_and_changes_nothing(authentication, db, caplog):
    other = send("+12025550100").authentication
    assert post(path_of(authentication), event(other)).status_code == 404
    record = caplog.records[0]  # Django's own follows.
    assert (record.ding_event, record.ding_reason) == ("webhook_rejected", "other_authentication")
    assert record.ding_correlation_id == str(authentication.public_id)
    assert Event.objects.filter(type="attempt").count() == 0
    assert not Authentication.objects.exclude(price_amount=None).exists()


@pytest.mark.django_db(transaction=True)
def test_each_rejection_is_logged_with_its_reason(phone, caplog):
    authentication = send(phone).authentication
    path, ours = path_of(authentication), str(authentication.public_id)
    post("/ding/webhooks/nobody/", {})
    post(f"/ding/webhooks/default/{ours}/x/", {})
    post(path, b" " * (MAX_BODY + 1))
    post(path, b"null")
    with failing_statements(OperationalError("gone")):
        post(path, event(authentication))
    logged = [vars(record) for record in caplog.records if getattr(record, "ding_event", "") == "webhook_rejected"]
    fields = ("reason", "http_status", "backend", "correlation_id")
    assert [tuple(record[f"ding_{field}"] for field in fields) for record in logged] == [
        ("unknown_backend", 404, None, None),
        ("forged", 404, "default", ours),
        ("too_long", 413, "default", ours),
        ("unreadable", 400, "default", ours),
        ("database_unavailable", 503, "default", ours),
    ]


def test_event_with_one_fitting_id_is_taken(authentication):
    path = path_of(authentication)
    assert post(path, event(authentication, correlation_id="of another requester")).status_code == 200
    assert post(path, event(authentication, auth_uuid="another", time="2026-06-01T12:10:00+0000")).status_code == 200
    assert authentication.events.filter(type="attempt").count() == 2


def test_event_with_an_id_not_known_yet_is_to_come_again(authentication):
    Authentication.objects.update(authentication_uuid="")
    authentication.events.all().delete()  # The response to the send hasn't been recorded.
    payload = event(authentication, correlation_id=None)
    assert post(path_of(authentication), payload).status_code == 404
    assert not Authentication.objects.get().authentication_uuid
    authentication.save()
    assert post(path_of(authentication), payload).status_code == 200


def test_event_of_a_deleted_authentication_is_200(authentication):
    path, payload = path_of(authentication), event(authentication)
    authentication.delete()
    assert post(path, payload).status_code == 200
    assert not Event.objects.exists()


# What they can report.


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b"3", b'"x"', b"{", b"\xff", b"[" * 60_000, b'{"a":' * 10_000, b"1" * 5000, b"{}{}"],
    ids=["empty", "null", "list", "number", "text", "half", "bytes", "deep", "deep objects", "long number", "two"],
)
def test_body_that_is_no_object_is_400(authentication, body, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert post(path_of(authentication), body).status_code == 400


def test_body_that_is_too_long_is_413(authentication, django_assert_num_queries):
    fitting = json.dumps(event(authentication)).encode()
    with django_assert_num_queries(0):
        assert post(path_of(authentication), fitting.ljust(MAX_BODY + 1)).status_code == 413
    assert post(path_of(authentication), fitting.ljust(MAX_BODY)).status_code == 200


@pytest.fixture
def answer(live_server):
    """Return a function that posts a body as it is, and returns the beginning of the answer."""

    def ask(path, header, body):
        parts = urlsplit(live_server.url)
        with socket.create_connection((parts.hostname, parts.port), timeout=20) as client:
            head = f"POST {path} HTTP/1.1\r\nHost: {parts.netloc}\r\n{header}\r\n\r\n"
            client.sendall(head.encode() + body)
            return client.recv(4096)[:12]

    return ask


@pytest.mark.django_db(transaction=True)
def test_ten_megabytes_are_not_waited_for(answer, phone):
    begun = b" " * (MAX_BODY + 1)
    assert answer(path_of(send(phone).authentication), "Content-Length: 10485760", begun) == b"HTTP/1.1 413"


@pytest.mark.django_db(transaction=True)
def test_body_of_unknown_length_is_not_read(answer, phone):
    chunk = b"2\r\n{}\r\n0\r\n\r\n"
    assert answer(path_of(send(phone).authentication), "Transfer-Encoding: chunked", chunk) == b"HTTP/1.1 400"


def test_body_of_unknown_length_is_limited_under_asgi(authentication):
    public_id, token = path_of(authentication).strip("/").split("/")[-2:]
    body = BytesIO(b" " * 10 * MAX_BODY)
    request = ASGIRequest({"type": "http", "method": "POST", "path": "/", "headers": []}, body)
    assert (
        PerRequestWebhookView.as_view()(request, alias="default", public_id=UUID(public_id), token=token).status_code
        == 413
    )
    assert body.tell() == MAX_BODY + 1


@pytest.mark.parametrize("changed", [{"type": "eclipse"}, {"type": None}, {"type": ["attempt"]}, {"type": "check"}])
def test_event_of_no_use_is_200(authentication, changed):
    before = authentication.events.count()
    assert post(path_of(authentication), event(authentication, **changed)).status_code == 200
    assert authentication.events.count() == before


def test_event_with_fields_that_are_not_known_is_taken_without_them(authentication):
    payload = event(authentication, content="Your code is 424242", code="424242", moon={"phase": "full"})
    assert post(path_of(authentication), payload).status_code == 200
    row = authentication.events.get(type="attempt")
    assert row.data == {"event_id": payload["id"], "price": {"amount": "0.030000", "currency": "EUR"}}
    assert "424242" not in str(list(Event.objects.values()))


def test_event_without_any_id_is_200(authentication):
    assert post(path_of(authentication), {"type": "attempt"}).status_code == 200
    assert not authentication.events.filter(type="attempt").exists()


words = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["delivered", "text", "-"])
)
garbage = st.recursive(words, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=4)
fields = (
    "id",
    "time",
    "price",
    "attempt_id",
    "attempt_number",
    "status",
    "delivery_status",
    "capability",
    "correlation_id",
)
prices = st.fixed_dictionaries({"amount": st.floats() | st.integers(), "currency": st.just("EUR") | st.text()})


@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(["authentication", "attempt", "delivery_status", "balance_update", "check"]) | garbage,
    changed=st.dictionaries(st.sampled_from(fields), garbage | prices | st.datetimes().map(str), max_size=len(fields)),
)
def test_garbage_is_never_a_failure(authentication, kind, changed):
    payload = event(authentication, type=kind, **changed)
    assert post(path_of(authentication), payload).status_code == 200
    assert Authentication.objects.get().price_amount is None or Authentication.objects.get().price_amount >= 0


# The database.


@pytest.mark.django_db(transaction=True)
def test_database_out_of_reach_is_503(phone):
    def fail(execute, *args):
        raise OperationalError("gone")

    row = send(phone).authentication
    path, payload = path_of(row), event(row)
    with connection.execute_wrapper(fail):
        assert post(path, payload).status_code == 503
    assert post(path, payload).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_webhook_is_recorded_under_atomic_requests(phone, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    row = send(phone).authentication
    assert post(path_of(row), event(row)).status_code == 200
    assert row.events.filter(type="attempt").exists()


def test_webhook_takes_four_statements(authentication):
    path, payload = path_of(authentication), event(authentication)
    with Statements() as statements:
        post(path, payload)
    assert len(statements) == 4, statements


def test_webhook_repeated_takes_two_statements(authentication):
    path, payload = path_of(authentication), event(authentication)
    post(path, payload)
    with Statements() as statements:
        post(path, payload)
    assert len(statements) == 2, statements


# Other backends


@pytest.mark.django_db
def test_url_of_another_alias_is_404(authentication, settings, django_assert_num_queries):
    backend = settings.DING["BACKENDS"]["default"]
    settings.DING = {**settings.DING, "BACKENDS": {"default": backend, "other": backend}}
    path = path_of(authentication)
    with django_assert_num_queries(0):
        assert post(path.replace("/default/", "/other/"), event(authentication)).status_code == 404


class Signed(Plain):
    """Believes what has the right signature, and notes what it is given."""

    webhooks = "per_account"
    requests: ClassVar[list[WebhookRequest]] = []

    def parse_webhook(self, request):
        self.requests.append(request)
        if request.body != b"signed":
            raise InvalidWebhook(code="bad_signature")
        return []


class SignedPerRequest(Signed):
    webhooks = "per_request"


@pytest.mark.django_db
@pytest.mark.parametrize("base", [None, "https://example.com"])
def test_backend_decides_about_the_webhooks_of_its_account(base):
    path = reverse("django_ding_webhooks:per_account", args=["default"])
    with using(Signed, WEBHOOK_BASE_URL=base):
        assert [post(path, body).status_code for body in (b"signed", b"forged")] == [200, 403]
    request = Signed.requests[-1]
    assert (request.url, request.public_id) == (f"{base or 'http://testserver'}/ding/webhooks/default/", None)


def test_backend_is_given_the_id_that_the_url_names():
    public_id = uuid4()
    with using(SignedPerRequest, WEBHOOK_BASE_URL="https://example.com"):
        assert post(urlsplit(make_url(public_id)).path, b"forged").status_code == 403
    assert Signed.requests[-1].public_id == public_id


@pytest.mark.parametrize("alias", ["nobody", "default", "test-numbers", "%00", "é"])
def test_backend_without_a_url_of_its_account_is_404(alias, no_queries):
    assert post(f"/ding/webhooks/{alias}/", {}).status_code == 404


def test_backend_that_is_not_configured_any_longer_is_404(authentication, settings):
    path, payload = path_of(authentication), event(authentication)
    settings.DING = {**settings.DING, "BACKENDS": {"other": settings.DING["BACKENDS"]["default"]}}
    assert post(path, payload).status_code == 404


LOGIN_REQUIRED = "django.contrib.auth.middleware.LoginRequiredMiddleware"


def test_webhook_needs_no_login(authentication, client, settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, LOGIN_REQUIRED]
    response = client.post(path_of(authentication), event(authentication), content_type="application/json")
    assert response.status_code == 200
    assert client.post("/ding/webhooks/nowhere/").status_code == 404
