from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from django_ding.models import Authentication, Block, Event, Refusal
from tests.admin.helpers import LOOKING, permit
from tests.login.server import served


@pytest.fixture(autouse=True)
def _utc(settings):
    settings.TIME_ZONE = "UTC"


@pytest.fixture
def agent(db):
    """A support agent who may view everything."""
    user = get_user_model().objects.create_user("agent", password="secret", is_staff=True)
    permit(user, *LOOKING)
    return user


@pytest.fixture
def site(settings, transactional_db):
    """The URL of the tests' own project, in the language of who asks, which lets scripts and styles be files only."""
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    first, *others = settings.MIDDLEWARE
    settings.MIDDLEWARE = ["tests.admin.policy.strict", first, "django.middleware.locale.LocaleMiddleware", *others]
    with served() as url:
        yield url


@pytest.fixture
def open_page(site, new_page):
    """Open a browser of one's own, which may not complain, not even about the policy."""
    complaints = []

    def open_page(**options):
        page = new_page(**{"locale": "en", "base_url": site, **options})
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.route("**/favicon.ico", lambda route: route.fulfill(body=""))
        return page

    yield open_page
    assert complaints == []


@pytest.fixture
def desk(agent) -> Client:
    """The agent's browser."""
    client = Client()
    client.force_login(agent)
    return client


@pytest.fixture
def make(clock, db, phone):
    """Make an authentication, a minute old, and its events: pairs of seconds and fields."""

    def make(*events, **fields):
        now = timezone.now()
        start = fields.pop("created_at", now - timedelta(minutes=1))
        fields = {"phone_number": phone, "country": "FR", "prefix": phone[:-4], "status": "pending"} | fields
        row = Authentication.objects.create(created_at=start, **{"expires_at": start + timedelta(minutes=10)} | fields)
        for seconds, event in events:
            Event.objects.create(authentication=row, occurred_at=start + timedelta(seconds=seconds), **event)
        return row

    return make


@pytest.fixture
def refuse(clock, db, phone):
    """Record a blocked request: a number of minutes ago, by default now."""

    def refuse(minutes=0, *, lasting=0, **fields):
        last = timezone.now() - timedelta(minutes=minutes)
        hour = last.replace(minute=0, second=0, microsecond=0)
        fields = {
            "phone_number": phone,
            "country": "FR",
            "prefix": phone[:-4],
            "reason": "phone",
            "hour": hour,
        } | fields
        return Refusal.objects.create(first_at=last - timedelta(minutes=lasting), last_at=last, **fields)

    return refuse


@pytest.fixture
def block(clock, db):
    now = timezone.now()
    return Block.objects.create(
        scope="prefix",
        subject="+3361234",
        requester_type="user",
        sends=20,
        validated=1,
        created_at=now,
        expires_at=now + timedelta(hours=1),
    )
