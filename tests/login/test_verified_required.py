"""Views for users with a verified number only."""

import asyncio

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from django.test import AsyncClient

from django_ding.login.decorators import phone_verified_required
from django_ding.phone import spaced
from tests.login.helpers import LOGIN, NUMBER_CODE, NUMBERS, followed

PATHS = [
    "/gated/class/",
    "/gated/class/async/",
    "/gated/class/wrapped/",
    "/gated/function/",
    "/gated/function/async/",
]
FRESH = ["/gated/class/fresh/", "/gated/function/fresh/", "/gated/function/fresh/async/"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", [*PATHS, *FRESH])
def test_verified_user_passes(client, account, path):
    client.force_login(account)
    assert client.get(path).text == "inside"


@pytest.mark.django_db
@pytest.mark.parametrize("path", PATHS)
def test_user_without_a_number_is_sent_to_verify(client, user, path):
    client.force_login(user)
    assert client.get(f"{path}?page=2").url == f"/phone/numbers/add/?next={path}%3Fpage%3D2"


@pytest.mark.django_db
@pytest.mark.parametrize("path", PATHS)
def test_guest_is_sent_to_log_in(client, path):
    assert client.get(path).url == f"/password/?next={path}"


@pytest.mark.django_db
@pytest.mark.parametrize("path", FRESH)
def test_number_too_old_is_to_be_verified_again(clock, client, account, path):
    clock.shift(89 * 24 * 3600)
    client.force_login(account)
    account.ding_phone_numbers.update(verified_at="2026-06-01T12:00:00Z")
    assert client.get(path).text == "inside"
    clock.shift(2 * 24 * 3600)
    client.force_login(account)
    assert client.get(path).url == f"/elsewhere/?next={path}"


@pytest.mark.django_db
def test_mixin_is_an_access_mixin(client, user):
    assert client.get("/gated/class/forbidden/").status_code == 403
    client.force_login(user)
    assert client.get("/gated/class/forbidden/").text == "no number"


@pytest.mark.django_db
@pytest.mark.parametrize("path", FRESH[1:])
def test_login_page_is_an_argument(client, path):
    assert client.get(path).url == f"/staff/?next={path}"


@pytest.mark.django_db
def test_gate_opens_after_the_code(clock, client, account, phone, outbox):
    """The same number once more makes it fresh, and the visitor comes back to where they wanted to go."""
    account.ding_phone_numbers.update(verified_at="2026-01-01T12:00:00Z")
    client.force_login(account)
    assert client.get("/gated/function/fresh/").status_code == 302
    client.post("/phone/numbers/add/?next=/gated/function/fresh/", {"phone_number": phone})
    answer = client.post(NUMBER_CODE, {"code": outbox[-1].code})
    assert client.get(answer.url).text == "inside"


ADD = "/phone/numbers/add/"
NUMBER = "+447400123456"
CONTINUE = "You'll continue to that page afterwards."


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/gated/class/explained/", "Verify your phone number to see the orders."),
        ("/gated/class/explained/here/?page=2", "Verify your phone number to see the orders."),
        ("/gated/class/decorated/", "Verify your phone number to see the orders."),
        ("/gated/function/explained/", "Verify your phone number to be paid."),
        *((path, "Verify a phone number to open the page you requested.") for path in PATHS),
    ],
)
def test_page_says_why_a_number_is_asked_for_and_where_it_leads(client, user, path, reason):
    client.force_login(user)
    text = followed(client, client.get(path))
    assert f"<p>{reason} {CONTINUE}</p>" in text
    assert "<h1>Verify your phone number</h1>" in text
    assert f'<a href="{NUMBERS}">Back</a>' in text  # Not to the restricted page, which would lead here again.


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/nowhere/", "/gated/class/forbidden", "//evil.example/gated/function/", ""])
def test_page_gives_no_reason_for_others(client, user, path):
    client.force_login(user)
    text = client.get(ADD, {"next": path}).text
    assert CONTINUE not in text
    assert "<h1>Add a phone number</h1>" in text


@pytest.mark.django_db
def test_reason_is_given_on_the_way_too(clock, client, user, account):
    """On the page to log in, and on the one to confirm that it's the user."""
    reason = f"<p>Verify your phone number to be paid. {CONTINUE}</p>"
    assert reason in client.get(LOGIN, {"next": "/gated/function/explained/"}).text
    client.force_login(account)
    clock.shift(3600)
    client.force_login(account)
    clock.shift(3600)
    account.ding_phone_numbers.all().delete()
    to_step_up = client.get(client.get("/gated/function/explained/").url)
    assert to_step_up.url.startswith("/phone/step-up/?next=")
    assert reason in followed(client, to_step_up)


@pytest.mark.django_db
def test_number_to_verify_again_is_filled_in(client, account):
    account.ding_phone_numbers.update(verified_at="2020-01-01T12:00:00Z", phone_number=NUMBER)
    client.force_login(account)
    text = followed(client, client.get("/gated/function/explained/"))
    assert f'value="{spaced(NUMBER)}"' in text
    assert f'value="{spaced(NUMBER)}"' not in client.get(ADD).text


def test_decorator_keeps_the_name_and_the_docstring():
    @phone_verified_required
    def view(request):
        """Say so."""

    assert (view.__name__, view.__doc__) == ("view", "Say so.")


# Under ASGI


@pytest.fixture
def visit(account):
    """Let Alice's browser look at a page as a guest and signed in, under ASGI; returns both answers."""

    async def look(path):
        browser = AsyncClient()
        try:
            turned_away = await browser.get(path)
            await browser.aforce_login(account)
            return turned_away, await browser.get(path)
        finally:
            await sync_to_async(connections.close_all)()  # The thread that the services ran in stays.

    return lambda path: asyncio.run(look(path))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", [*PATHS, *FRESH])
def test_gates_under_asgi(site, visit, path):
    turned_away, let_in = visit(path)
    assert turned_away.status_code == 302
    assert let_in.content == b"inside"


@pytest.mark.django_db(transaction=True)
def test_async_class_with_another_mixin(site, visit):
    _, let_in = visit("/gated/class/closed/")
    assert let_in.content == b"closed"
