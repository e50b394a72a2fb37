"""Nobody learns from an answer whether a number has an account: each looks the same for known and unknown numbers."""

from dataclasses import dataclass, field
from uuid import uuid4

import pytest
from django.core.cache import cache

from django_ding.models import Authentication, PhoneNumber, Refusal
from django_ding.services import check, claim, remove_number, send
from django_ding.testing import outbox, sandbox, script
from tests.helpers import NOON, Statements

pytestmark = pytest.mark.django_db

URL = "/api/phone/authentications/"
WRONG = "000000"
ELSEWHERE = "192.0.2.9"


# What may be known of a number.


def verified(phone, user):
    authentication = send(phone, user=user).authentication
    return check(authentication, outbox.to(phone)[-1].code).phone_number


def proven(phone):
    authentication = send(phone, purpose="signup", ip=ELSEWHERE).authentication
    check(authentication, outbox.to(phone)[-1].code)
    return authentication


def exhausted(phone, user):
    authentication = send(phone, user=user).authentication
    for _ in range(5):
        check(authentication, WRONG)


def known_by_heart(phone, alice, bob):
    for user in (alice, bob):
        remove_number(verified(phone, user))
        verified(phone, user)
        remove_number(PhoneNumber.objects.get())
    verified(phone, bob)


KNOWN = {
    "owned by another": lambda phone, alice, bob: verified(phone, bob),
    "owned by the caller": lambda phone, alice, bob: verified(phone, alice),
    "formerly another's": lambda phone, alice, bob: remove_number(verified(phone, bob)),
    "formerly the caller's": lambda phone, alice, bob: remove_number(verified(phone, alice)),
    "claimed at sign-up": lambda phone, alice, bob: claim(proven(phone), user=bob),
    "proven anonymously": lambda phone, alice, bob: proven(phone),
    "being verified": lambda phone, alice, bob: send(phone, user=bob).authentication,
    "exhausted by another": lambda phone, alice, bob: exhausted(phone, bob),
    "known by heart": known_by_heart,
}
every_number = pytest.mark.parametrize("known", KNOWN)

#: A caller who has proven control of such a number may learn that it belongs to another account.
TAKEN = {"owned by another", "claimed at sign-up", "known by heart"}

#: Who asks, and for what.
CALLERS = {
    "anonymous": ("client", "signup"),
    "link": ("member", "link"),
    "login": ("member", "login"),
}
every_caller = pytest.mark.parametrize("caller", CALLERS)


@dataclass
class Observer:
    """Somebody who calls the API and writes down everything that can be seen from outside."""

    client: object
    simulator: object
    phone: str
    purpose: str
    seen: list = field(default_factory=list)
    id: str = ""

    def send(self):
        response = self._call("post", URL, {"phone_number": self.phone, "purpose": self.purpose})
        self.id = response.get("id", self.id)

    def look(self):
        self._call("get", f"{URL}{self.id}/")

    def check(self, code=None):
        self._call("post", f"{URL}{self.id}/check/", {"code": code or outbox.to(self.phone)[-1].code})

    def retry(self):
        self._call("post", f"{URL}{self.id}/retry/")

    def _call(self, method, url, body=None):
        before = self.simulator.calls.total()
        with Statements() as statements:
            response = getattr(self.client, method)(url, body, format="json")
        body = response.json()
        self.seen.append(
            {
                "call": f"{method} {url.replace(self.id or '-', 'ID')}",
                "status": response.status_code,
                "body": body | {name: "…" for name in ("id", "proof") if name in body},
                "headers": dict(response.headers) | {"Content-Length": len(response.content)},
                "provider's calls": self.simulator.calls.total() - before,
                "statements": len(statements),
            }
        )
        return body


@pytest.fixture
def observe(request, clock, simulator, user, other_user, phone):
    """Return a function that goes one way with a known number, then with an unknown one."""

    def seen(caller, known, way, **ding):
        cache.clear()
        clock.move_to(NOON)
        Authentication.objects.all().delete()
        PhoneNumber.objects.all().delete()
        Refusal.objects.all().delete()  # The first of an hour takes another statement than the ones after it.
        simulator.reset()
        if known:
            KNOWN[known](phone, user, other_user)
        simulator.reset()
        fixture, purpose = CALLERS[caller]
        observer = Observer(request.getfixturevalue(fixture), simulator, phone, purpose)
        with sandbox(**ding):
            way(observer, clock)
        return observer.seen

    return lambda caller, known, way, **ding: (seen(caller, known, way, **ding), seen(caller, None, way, **ding))


# The ways.


def every_step(observer, clock):
    observer.send()
    observer.look()
    observer.send()
    clock.shift(30)
    observer.send()
    clock.shift(30)
    observer.retry()
    observer.retry()
    for _ in range(6):
        observer.check(WRONG)
    observer.check()
    observer.send()
    clock.shift(30)
    observer.retry()
    observer.send()
    observer.look()


def right_code(observer, clock):
    observer.send()
    observer.check(WRONG)
    observer.check()
    observer.check()
    observer.retry()
    observer.look()
    clock.shift(30)
    observer.send()


def outages(observer, clock):
    script("send", "server_error")
    observer.send()
    observer.send()
    clock.shift(30)
    script("send", "spam_detected")
    observer.send()
    observer.send()
    for outcome in ("server_error", "denied"):
        script("retry", outcome)
        clock.shift(30)
        observer.retry()
    script("check", "server_error")
    observer.check(WRONG)


def too_often(observer, clock):
    observer.send()
    clock.shift(30)
    observer.send()
    observer.retry()
    observer.look()


@every_number
@every_caller
def test_every_step_looks_the_same(observe, caller, known):
    seen, of_unknown = observe(caller, known, every_step)
    assert seen == of_unknown
    assert [step["status"] for step in seen] == [201, 200, 200, 200, 200, 429, *[400] * 5, 429, 429, 429, 429, 429, 200]


@every_number
@every_caller
def test_right_code_looks_the_same_but_for_a_taken_number(observe, caller, known):
    seen, of_unknown = observe(caller, known, right_code)
    if caller == "link" and known in TAKEN:
        taken = seen.pop(2)
        assert (taken["status"], taken["body"]["code"]) == (409, "phone_number_taken")
        assert of_unknown.pop(2)["status"] == 200
    assert seen == of_unknown


@every_number
@every_caller
def test_outages_look_the_same(observe, caller, known):
    seen, of_unknown = observe(caller, known, outages)
    assert seen == of_unknown
    assert [step["status"] for step in seen][:2] == [503, 503]


@every_number
@every_caller
@pytest.mark.usefixtures("own_counters")
@pytest.mark.parametrize("by", ["phone", "all"])
def test_refusals_of_rates_look_the_same(observe, caller, known, by):
    seen, of_unknown = observe(caller, known, too_often, RATE_LIMITS={"send": f"1/h/{by}"})
    assert [step["status"] for step in of_unknown] == [201, 429, 429, 200]
    if known == "owned by the caller" and caller != "anonymous":  # Who has a reserve, which nobody else sees.
        assert [step["status"] for step in seen] == [201, 200, 429, 200]
    else:
        assert seen == of_unknown


@every_number
def test_refusal_of_a_country_looks_the_same(observe, known):
    seen, of_unknown = observe("anonymous", known, lambda observer, clock: observer.send(), BLOCKED_COUNTRIES=["FR"])
    assert seen == of_unknown
    assert seen[0]["body"]["code"] == "unsupported_region"


# What belongs to another user.


@pytest.mark.parametrize("state", ["pending", "exhausted", "validated"])
@pytest.mark.parametrize("asking", ["client", "stranger"])
def test_authentication_of_another_is_as_if_it_did_not_exist(request, simulator, user, phone, state, asking):
    authentication = send(phone, user=user).authentication
    if state == "exhausted":
        exhausted(phone, user)
    elif state == "validated":
        check(authentication, outbox.to(phone)[-1].code)
    observers = [Observer(request.getfixturevalue(asking), simulator, phone, "link") for _ in range(2)]
    for observer, public_id in zip(observers, (authentication.public_id, uuid4()), strict=True):
        observer.id = str(public_id)
        observer.look()
        observer.check(WRONG)
        observer.check("no code")
        observer.retry()
    assert observers[0].seen == observers[1].seen
    assert [step["status"] for step in observers[0].seen] == [404, 404, 404, 404]


@pytest.mark.parametrize(("method", "action"), [("delete", ""), ("post", "make-primary/")])
def test_number_of_another_is_as_if_it_did_not_exist(stranger, simulator, user, phone, method, action):
    number = verified(phone, user)
    observer = Observer(stranger, simulator, phone, "link")
    for public_id in (number.public_id, uuid4()):
        observer.id = str(public_id)
        observer._call(method, f"/api/phone/phone-numbers/{public_id}/{action}")
    assert observer.seen[0] == observer.seen[1]
    assert observer.seen[0]["status"] == 404
