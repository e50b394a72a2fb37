"""The promises under load, in numbers. What is counted is what reached the provider, over HTTP, from all processes."""

from collections import Counter

import pytest
from django.conf import settings as project
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.utils import timezone

from django_ding.models import Authentication, PhoneNumber, RateLimitCounter
from django_ding.services import send
from tests.figures.worker import Post
from tests.figures_table import ROUNDS
from tests.helpers import wrong_code

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("crowds"), pytest.mark.django_db(transaction=True)]

URL = "/api/phone/authentications/"

#: Where all processes count: without Redis, the cache is this process's memory.
SHARED_CACHES = [None, *(["default"] if "redis" in project.CACHES["default"]["BACKEND"] else [])]


@pytest.fixture
def sent(provider, user, phone):
    """Start afresh, with one code on its way to Alice. Returns the row and the code."""

    def start(owner=user):
        row = send(phone, user=owner).authentication
        return row, provider.messages(phone)[0].code

    return start


@pytest.fixture
def afresh(provider):
    """Forget everything but the users."""

    def forget():
        for model in (Authentication, PhoneNumber, RateLimitCounter):
            model.objects.all().delete()
        cache.clear()
        provider.reset()

    return forget


@pytest.fixture
def hundred_users(db):
    return get_user_model().objects.bulk_create(get_user_model()(username=f"user-{n}") for n in range(100))


def check_of(row, code):
    return Post(path=f"{URL}{row.public_id}/check/", user_id=row.user_id, body={"code": code})


def retry_of(row):
    return Post(path=f"{URL}{row.public_id}/retry/", user_id=row.user_id)


def send_of(user, phone):
    return Post(path=URL, user_id=user.pk, body={"phone_number": phone})


def where(cache_alias):
    return "Redis" if cache_alias else "the database"


def each_time(counts):
    """Say how often something happened in each repetition: ``5 each time`` or ``5, 6``."""
    seen = sorted(set(counts))
    return f"{seen[0]} each time" if len(seen) == 1 else ", ".join(map(str, seen))


def test_wrong_codes_reach_the_provider_five_times(crowd, provider, sent, afresh, figure):
    reached = []
    for _ in range(ROUNDS):
        afresh()
        row, code = sent()
        outcome = crowd.post(*[check_of(row, wrong_code(code))] * 200)
        reached.append(provider.calls["check"])
        assert outcome.answers == {(400, "invalid"): 5, (429, "rate_limited"): 195}
        assert Authentication.objects.get().check_count == 5
    figure(f"200 wrong codes, {ROUNDS} times", f"reached the provider: {each_time(reached)}", by=crowd)
    assert set(reached) == {5}


@pytest.mark.parametrize("believed", [False, True])
def test_right_codes_have_one_winner(crowd, provider, sent, afresh, figure, settings, believed):
    """Also where the provider calls each one valid, and all of them may ask."""
    settings.DING |= {"MAX_CHECKS": 50} if believed else {}
    won = []
    for _ in range(3):
        afresh()
        row, code = sent()
        provider.script("check", *["valid"] * 50 * believed)
        outcome = crowd.post(*[check_of(row, code)] * 50)
        won.append(outcome.answers[200, "valid"])
        assert outcome.signals == {"phone_verified": 1}
        assert PhoneNumber.objects.count() == 1
        assert not [status for status, _ in outcome.answers if status >= 500]
    every = ", all believed" if believed else ""
    figure(f"50 right codes{every}, 3 times", f"valid, signals, numbers: {each_time(won)}", by=crowd)
    assert set(won) == {1}


@pytest.mark.parametrize("before", ["nothing", "expired"])
def test_sends_send_one_message(crowd, provider, sent, afresh, figure, user, phone, before):
    """The first one ever, and the first one after an expired one, whose place all of them want."""
    messages = []
    for _ in range(3):
        afresh()
        if before == "expired":
            sent()
            Authentication.objects.update(expires_at=timezone.now())
            provider.reset()
        outcome = crowd.post(*[send_of(user, phone)] * 100)
        messages.append(len(provider.messages(phone)))
        assert Counter(status for status, _ in outcome.answers.elements()) == {201: 1, 200: 99}
        assert outcome.signals == {"code_sent": 1}
        assert provider.calls["send"] == 1
    after = ", after an expired one" if before == "expired" else ""
    figure(f"100 sends for one number{after}, 3 times", f"messages: {each_time(messages)}", by=crowd)
    assert set(messages) == {1}


@pytest.mark.parametrize("cache_alias", SHARED_CACHES)
def test_sends_of_many_users_send_one_message(
    crowd, provider, afresh, figure, settings, phone, hundred_users, cache_alias
):
    settings.DING |= {"RATE_LIMITS": {"send": "1/30s/phone"}, "RATE_LIMIT_CACHE": cache_alias}
    messages = []
    for _ in range(3):
        afresh()
        outcome = crowd.post(*[send_of(user, phone) for user in hundred_users])
        messages.append(len(provider.messages(phone)))
        assert outcome.answers == {(201, "pending"): 1, (429, "rate_limited"): 99}
        assert Authentication.objects.count() == provider.calls["send"] == 1
    figure(
        f"100 sends of 100 users for one number, 1/30s/phone in {where(cache_alias)}, 3 times",
        f"messages: {each_time(messages)}",
        by=crowd,
    )
    assert set(messages) == {1}


@pytest.mark.parametrize("cache_alias", SHARED_CACHES)
def test_a_hundred_numbers_of_one_prefix_get_sixty_messages(
    crowd, provider, afresh, figure, settings, hundred_users, cache_alias
):
    settings.DING |= {"RATE_LIMITS": {"send": "60/h/prefix,1000/h/all"}, "RATE_LIMIT_CACHE": cache_alias}
    messages = []
    for _ in range(3):
        afresh()
        outcome = crowd.post(*[send_of(user, f"+336123456{n:02}") for n, user in enumerate(hundred_users)])
        messages.append(len(provider.messages()))
        assert outcome.answers == {(201, "pending"): 60, (429, "rate_limited"): 40}
        assert Authentication.objects.count() == provider.calls["send"] == 60
    figure(
        f"100 numbers of one prefix, 60/h/prefix in {where(cache_alias)}, 3 times",
        f"messages: {each_time(messages)}",
        by=crowd,
    )
    assert set(messages) == {60}


def test_retries_make_one_attempt(crowd, provider, sent, afresh, figure):
    attempts = []
    for _ in range(3):
        afresh()
        row, _ = sent()
        Authentication.objects.update(next_retry_at=timezone.now())
        outcome = crowd.post(*[retry_of(row)] * 50)
        attempts.append(provider.calls["retry"])
        assert outcome.answers == {(200, "approved"): 1, (429, "rate_limited"): 49}
        assert outcome.signals == {"code_sent": 1}
        assert len(provider.messages()) == 2
    figure("50 retries, 3 times", f"attempts: {each_time(attempts)}", by=crowd)
    assert set(attempts) == {1}


def test_one_number_of_two_users_has_one_owner(crowd, provider, sent, afresh, figure, user, other_user):
    owners = Counter()
    for _ in range(ROUNDS):
        afresh()
        proofs = [sent(owner) for owner in (user, other_user)]
        outcome = crowd.post(*[check_of(row, code) for row, code in proofs])
        assert outcome.answers == {(200, "valid"): 1, (409, "phone_number_taken"): 1}
        owners.update(PhoneNumber.objects.values_list("user__username", flat=True))
    taken = 2 * ROUNDS - owners.total()
    figure(f"1 number, 2 users, {ROUNDS} times", f"owners: {owners.total()}, number taken: {taken}", by=crowd)
    assert owners.total() == ROUNDS
