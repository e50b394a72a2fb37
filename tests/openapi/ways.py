"""The ways to get a code, and what the endpoints that send, check and resend it answer."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from rest_framework.test import APIClient

from django_ding.models import Authentication
from django_ding.testing import script
from tests.openapi.recording import PHONE, World, configured
from tests.stubs import Multichannel, using

Ask = Callable[[World], Any]
#: By operation and name, which for a failure begins with its code.
Examples = dict[tuple[str, str], Ask]

UNKNOWN = UUID(int=1)
WRONG = "000000"
#: A mobile number of the Ivory Coast before its numbers got two more digits.
OUTDATED = "+22507123456"
ANDROID = {"device_type": "ANDROID", "device_model": "Pixel 9", "app_realm": "abcdefghijk", "locale": "fr"}
PRELUDE = {"default": {"BACKEND": "django_ding.backends.sandbox.PreludeSandboxBackend"}}
#: What an app says of its device, and the provider may find invalid.
SIGNALS = ("app_version", "os_version", "device_model", "device_id", "app_realm")


class Silent(Multichannel):
    """A provider that verifies without a message."""

    silent_request_url = "https://silent.example/5b0c9f5e"


@dataclass(frozen=True, kw_only=True)
class Way:
    """A way to get a code, and the endpoints that take it."""

    send: str
    check: str
    retry: str
    body: dict[str, Any]

    def client(self, world: World) -> APIClient:
        return world.anonymous if self.send == "send_login_code" else world.member

    def start(self, world: World, **body: Any) -> Any:
        """Send a code."""
        if self.send == "step_up" and not world.alice.ding_phone_numbers.exists():
            world.number()
        return world.call(self.send, self.client(world), {**self.body, **body})

    def again(self, world: World) -> Any:
        """Send another message, at once."""
        return self.later(world, self.retry, {})

    def enter(self, world: World, code: str) -> Any:
        return self.later(world, self.check, {"code": code})

    def later(self, world: World, operation: str, body: Any, **more: Any) -> Any:
        """Call an endpoint of the newest authentication."""
        public_id = Authentication.objects.latest("pk").public_id
        return world.call(operation, self.client(world), body, public_id=public_id, **more)


ACCOUNT = Way(send="send_code", check="check_code", retry="retry_code", body={"phone_number": PHONE})
LOGIN = Way(send="send_login_code", check="log_in", retry="retry_login_code", body={"phone_number": PHONE})
STEP_UP = Way(send="step_up", check="check_code", retry="retry_code", body={})


def reject(lookup: Any, purpose: str) -> bool:
    """Trust no number: a LOOKUP_POLICY."""
    return False


def not_found(operation: str, body: Any = None) -> Examples:
    client = "anonymous" if "log" in operation else "member"
    return {
        (operation, "not_found"): lambda world: world.call(operation, getattr(world, client), body, public_id=UNKNOWN)
    }


def sending(way: Way) -> Examples:
    """Return what an endpoint that sends a code answers."""

    def scripted(world: World, outcome: str) -> Any:
        script("send", outcome)
        return way.start(world)

    def denied(world: World) -> Any:
        way.start(world)
        script("retry", "denied")
        world.clock.shift(31)
        return way.start(world)

    def twice(world: World) -> Any:
        way.start(world)
        world.clock.shift(5)
        return way.start(world)

    def silent(world: World) -> Any:
        with using(Silent, CHANNELS=["silent"]):
            return way.start(world, channel="silent", dispatch_id="5b0c9f5e-4f65-4b3c-9d39-0c8e7e8f6a11")

    def limited(world: World) -> Any:
        with configured(RATE_LIMITS={"send": "1/m/ip"}):
            way.start(world)
            Authentication.objects.update(status="expired", dedup_key=None)
            world.clock.shift(3)
            return way.start(world)

    def untrusted(world: World) -> Any:
        policy = {"LOOKUP_PURPOSES": ["link", "login", "step_up"], "LOOKUP_POLICY": f"{__name__}.reject"}
        with configured(**policy):
            return way.start(world)

    name = way.send
    signals = [f"invalid_{signal}" for signal in SIGNALS]
    provider = ("invalid_line", "unsupported_region", *signals)
    return {
        (name, "sent"): way.start,
        (name, "sent to an Android app"): lambda world: way.start(world, **ANDROID),
        (name, "silent"): silent,
        (name, "sent before"): twice,
        **{(name, code): partial(scripted, outcome=code) for code in provider},
        (name, "invalid_phone_number"): partial(scripted, outcome="invalid_phone_number"),
        (name, "unsupported_channel"): lambda world: way.start(world, channel="whatsapp"),
        (name, "untrusted_number"): untrusted,
        (name, "app_realm_require_device_type"): lambda world: way.start(world, app_realm="abcdefghijk"),
        (name, "unsupported_app_realm_device_type"): lambda world: way.start(
            world, app_realm="abcdefghijk", device_type="IOS"
        ),
        (name, "blocked"): partial(scripted, outcome="spam_detected"),
        (name, "denied"): denied,
        (name, "rate_limited"): limited,
        (name, "unavailable"): partial(scripted, outcome="server_error"),
    }


def checking(way: Way) -> Examples:
    """Return what an endpoint that checks a code answers."""

    def check(world: World, code: str = "", outcome: str = "normal", seconds: int = 0) -> Any:
        way.start(world)
        script("check", outcome)
        world.clock.shift(seconds)
        return way.enter(world, code or world.code)

    def again(world: World) -> Any:
        world.number(is_primary=False)
        check(world)
        return way.enter(world, world.code)

    def exhausted(world: World, times: int) -> Any:
        way.start(world)
        return [way.enter(world, WRONG) for _ in range(times)][-1]

    def without_message(world: World) -> Any:
        script("send", "server_error")
        way.start(world)
        return way.enter(world, WRONG)

    def locked_out(world: World) -> Any:
        with configured(RATE_LIMITS={"check": "1/phone,1/user"}):
            return check(world, WRONG)

    name = way.check
    return {
        **not_found(name, {"code": WRONG}),
        (name, "invalid"): partial(check, code=WRONG, seconds=20),
        (name, "invalid with no attempts left"): partial(exhausted, times=5),
        (name, "invalid_code"): partial(check, code="O12345"),
        (name, "invalid_code with no code"): lambda world: (way.start(world), way.later(world, name, {}))[1],
        (name, "already_validated"): again,
        (name, "without_attempt"): without_message,
        (name, "expired_auth"): partial(check, seconds=601),
        (name, "blocked"): locked_out,
        (name, "rate_limited"): partial(exhausted, times=6),
        (name, "unavailable"): partial(check, outcome="server_error"),
    }


def retrying(way: Way) -> Examples:
    """Return what an endpoint that sends another message answers."""

    def retry(world: World, outcome: str = "normal", seconds: int = 31) -> Any:
        way.start(world)
        script("retry", outcome)
        world.clock.shift(seconds)
        return way.again(world)

    def by_call(world: World) -> Any:
        with configured(BACKENDS=PRELUDE, CHANNELS=["voice"]):
            way.start(world)
            world.clock.shift(31)
            return way.later(world, way.retry, {"channel": "voice"})

    def used(world: World) -> Any:
        world.number(is_primary=False)
        way.start(world)
        way.enter(world, world.code)
        return way.again(world)

    def without_message(world: World) -> Any:
        script("send", "server_error")
        way.start(world)
        return way.again(world)

    def outdated(world: World) -> Any:
        way.start(world)
        Authentication.objects.update(phone_number=OUTDATED)
        world.clock.shift(31)
        return way.again(world)

    def locked_out(world: World) -> Any:
        with configured(RATE_LIMITS={"send": "9/h/phone", "check": "1/phone,1/user"}):
            way.start(world)
            way.enter(world, WRONG)
            world.clock.shift(31)
            return way.again(world)

    name, codes = way.retry, ("invalid_phone_number", "invalid_line", "unsupported_region", "denied")
    return {
        **not_found(name),
        (name, "sent"): retry,
        (name, "sent by a call"): by_call,
        **{(name, code): partial(retry, outcome=code) for code in codes},
        (name, "unsupported_channel"): lambda world: (
            way.start(world),
            way.later(world, name, {"channel": "whatsapp"}),
        )[1],
        (name, "outdated_phone_number"): outdated,
        (name, "already_validated"): used,
        (name, "no_attempt"): without_message,
        (name, "expired_auth"): partial(retry, seconds=601),
        (name, "blocked"): locked_out,
        (name, "rate_limited"): partial(retry, seconds=3),
        (name, "unavailable"): partial(retry, outcome="server_error"),
    }
