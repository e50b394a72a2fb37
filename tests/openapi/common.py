"""What any endpoint answers to a request that it can't use."""

from functools import partial
from typing import Any

from django.db import OperationalError

from django_ding.models import Authentication
from tests.helpers import failing_statements
from tests.openapi.recording import JSON, World, with_token
from tests.openapi.ways import ACCOUNT, LOGIN, UNKNOWN, Examples

OTHER_PHONE = "+447400123456"


def with_body(operation: str, body: Any) -> Examples:
    """Return what an endpoint answers to a body that it can't use."""

    def send(world: World, **request: Any) -> Any:
        world.number()
        ACCOUNT.start(world, phone_number=OTHER_PHONE)
        client = world.anonymous if "log" in operation else world.member
        if "log" in operation:
            LOGIN.start(world)
        return world.call(operation, client, public_id=Authentication.objects.latest("pk").public_id, **request)

    too_long = {"data": b'{"code": "%s"}' % (b"0" * 65536), "content_type": JSON}
    return {
        (operation, "invalid_input"): partial(send, body=body),
        (operation, "parse_error"): partial(send, data=b"{", content_type=JSON),
        (operation, "content_too_large"): partial(send, **too_long),
        (operation, "unsupported_media_type"): partial(send, data=b"<code/>", content_type="application/xml"),
        (operation, "not_acceptable"): partial(send, body=body, HTTP_ACCEPT="application/xml"),
    }


def with_credentials(operation: str, *, is_get: bool = False, is_public: bool = False) -> Examples:
    """Return what an endpoint answers to a caller whom it can't authenticate."""
    examples: Examples = {
        (operation, "authentication_failed"): lambda world: world.call(
            operation, with_token("unknown"), public_id=UNKNOWN
        )
    }
    if not is_public:
        examples[operation, "not_authenticated"] = lambda world: world.call(
            operation, world.anonymous, public_id=UNKNOWN
        )
    if not is_get:
        examples[operation, "permission_denied"] = lambda world: world.call(operation, world.browser, public_id=UNKNOWN)
    return examples


def without_body(operation: str) -> Examples:
    """Return what an endpoint without a body answers where nothing is sent."""

    def down(world: World) -> Any:
        member = world.member
        with failing_statements(OperationalError("The database is down.")):
            return world.call(operation, member, public_id=UNKNOWN)

    return {
        (operation, "not_acceptable"): lambda world: world.call(
            operation, world.member, public_id=UNKNOWN, HTTP_ACCEPT="application/xml"
        ),
        (operation, "unavailable"): down,
    }
