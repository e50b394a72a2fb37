"""How to get each answer: of every endpoint each success, and each failure that it can have."""

from functools import partial
from itertools import chain
from typing import Any

from django.contrib.auth import get_user_model
from django.test import override_settings
from rest_framework.test import APIClient

from django_ding.models import Authentication
from django_ding.services import remember_device
from tests.openapi.common import OTHER_PHONE, with_body, with_credentials, without_body
from tests.openapi.recording import PASSWORD, PHONE, World, configured
from tests.openapi.ways import (
    ACCOUNT,
    LOGIN,
    OUTDATED,
    STEP_UP,
    Examples,
    Way,
    checking,
    not_found,
    retrying,
    sending,
)

ISSUERS = ("session", "authtoken", "simplejwt", "knox")


def fail(authentication: Any) -> None:
    """Create no user: a USER_FACTORY."""
    raise ZeroDivisionError


def _anonymous(world: World) -> Any:
    world.call("send_code", world.anonymous, {"phone_number": PHONE, "purpose": "signup"})
    public_id = Authentication.objects.get().public_id
    return world.call("check_code", world.anonymous, {"code": world.code}, public_id=public_id)


def _link_anonymously(world: World) -> Any:
    return world.call("send_code", world.anonymous, {"phone_number": PHONE, "purpose": "link"})


def _valid(world: World, way: Way = ACCOUNT) -> Any:
    way.start(world)
    world.clock.shift(25)
    return way.enter(world, world.code)


def _removed_meanwhile(world: World) -> Any:
    STEP_UP.start(world)
    world.alice.ding_phone_numbers.all().delete()
    return STEP_UP.enter(world, world.code)


def _taken(world: World) -> Any:
    world.number(user=get_user_model().objects.create_user("bob"))
    return _valid(world)


def _get(world: World) -> Any:
    ACCOUNT.start(world)
    return ACCOUNT.later(world, "get_phone_authentication", None)


def _outdated(world: World, way: Way) -> Any:
    world.number(OUTDATED)
    return way.start(world, **({"phone_number": OUTDATED} if way is ACCOUNT else {}))


def _log_in(world: World, issuer: str) -> Any:
    world.number()
    LOGIN.start(world)
    browser = APIClient(enforce_csrf_checks=True)
    token = "c" * 32
    browser.cookies["csrftoken"] = token
    client = browser if issuer == "session" else world.anonymous
    public_id = Authentication.objects.get().public_id
    with configured(TOKEN_ISSUER=f"django_ding.api.tokens.{issuer}"):
        return world.call("log_in", client, {"code": world.code}, public_id=public_id, HTTP_X_CSRFTOKEN=token)


def _without_csrf_token(world: World) -> Any:
    LOGIN.start(world)
    public_id = Authentication.objects.get().public_id
    return world.call("log_in", APIClient(enforce_csrf_checks=True), {"code": world.code}, public_id=public_id)


def _too_many_tokens(world: World) -> Any:
    with override_settings(REST_KNOX={"TOKEN_LIMIT_PER_USER": 0}):
        return _log_in(world, "knox")


def _not_created(world: World) -> Any:
    LOGIN.start(world)
    with configured(LOGIN_CREATES_USER=True, USER_FACTORY=f"{__name__}.fail"):
        return LOGIN.enter(world, world.code)


def _without_number(world: World) -> Any:
    return world.call("step_up", world.app, {})


def _by_password(world: World, password: str = PASSWORD) -> Any:
    return world.call("step_up", world.app, {"password": password})


def _to_another_number(world: World) -> Any:
    world.number()
    other = world.number(OTHER_PHONE, is_primary=False)
    return STEP_UP.start(world, phone_number_id=str(other.public_id))


def _needs_step_up(world: World, operation: str) -> Any:
    number = world.number()
    if operation == "send_code":
        return world.call("send_code", world.app, {"phone_number": OTHER_PHONE})
    return world.call(operation, world.app, public_id=number.public_id)


def _numbers(world: World) -> Any:
    world.number()
    world.number(OTHER_PHONE, is_primary=False)
    return world.call("list_phone_numbers", world.app)


def _of_number(world: World, operation: str) -> Any:
    world.number()
    other = world.number(OTHER_PHONE, is_primary=False)
    return world.call(operation, world.member, public_id=other.public_id)


def _last_number(world: World) -> Any:
    world.alice.set_unusable_password()
    world.alice.save()
    number = world.number()
    with configured(LAST_NUMBER="keep"):
        return world.call("remove_phone_number", world.member, public_id=number.public_id)


def _remember(world: World) -> Any:
    remember_device(world.alice, name="Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
    return world.alice.ding_remembered_devices.get()


def _devices(world: World) -> Any:
    _remember(world)
    return world.call("list_devices", world.app)


def _forget(world: World) -> Any:
    return world.call("forget_device", world.app, public_id=_remember(world).public_id)


_WITHOUT_BODY = ("remove_phone_number", "make_phone_number_primary", "forget_device")
_LISTS = ("list_phone_numbers", "list_devices")

#: By operation and name, which for a failure begins with its code.
EXAMPLES: Examples = dict(
    chain.from_iterable(
        group.items()
        for group in (
            *map(sending, (ACCOUNT, LOGIN, STEP_UP)),
            *map(checking, (ACCOUNT, LOGIN)),
            *map(retrying, (ACCOUNT, LOGIN)),
            with_body("send_code", {"device_type": "PAGER"}),
            with_body("check_code", ["012345"]),
            with_body("retry_code", {"channel": 7}),
            with_body("send_login_code", {"device_type": "PAGER"}),
            with_body("log_in", ["012345"]),
            with_body("retry_login_code", {"channel": 7}),
            with_body("step_up", {"phone_number_id": "7"}),
            with_credentials("send_code", is_public=True),
            with_credentials("step_up"),
            with_credentials("check_code", is_public=True),
            with_credentials("retry_code", is_public=True),
            with_credentials("get_phone_authentication", is_get=True, is_public=True),
            *(with_credentials(name, is_get=True) for name in _LISTS),
            *map(with_credentials, _WITHOUT_BODY),
            *map(without_body, ("get_phone_authentication", *_LISTS, *_WITHOUT_BODY)),
            *map(not_found, ("get_phone_authentication", *_WITHOUT_BODY)),
            {
                ("send_code", "not_authenticated"): _link_anonymously,
                ("send_code", "outdated_phone_number"): partial(_outdated, way=ACCOUNT),
                ("step_up", "outdated_phone_number"): partial(_outdated, way=STEP_UP),
                ("get_phone_authentication", "pending"): _get,
                ("check_code", "valid"): _valid,
                ("check_code", "valid for an anonymous caller"): _anonymous,
                ("check_code", "valid for a step-up"): partial(_valid, way=STEP_UP),
                ("check_code", "phone_number_taken"): _taken,
                ("check_code", "invalid_proof"): _removed_meanwhile,
                **{("log_in", issuer): partial(_log_in, issuer=issuer) for issuer in ISSUERS},
                ("log_in", "permission_denied"): _without_csrf_token,
                ("log_in", "too_many_tokens"): _too_many_tokens,
                ("log_in", "no_account"): partial(_valid, way=LOGIN),
                ("log_in", "account_not_created"): _not_created,
                ("step_up", "password"): _by_password,
                ("step_up", "incorrect_password"): partial(_by_password, password="wrong"),
                ("step_up", "not_found"): _without_number,
                ("step_up", "sent to another number"): _to_another_number,
                ("list_phone_numbers", "two numbers"): _numbers,
                ("remove_phone_number", "removed"): partial(_of_number, operation="remove_phone_number"),
                ("remove_phone_number", "last_phone_number"): _last_number,
                ("make_phone_number_primary", "primary"): partial(_of_number, operation="make_phone_number_primary"),
                **{
                    (name, "step_up_required"): partial(_needs_step_up, operation=name)
                    for name in ("send_code", "remove_phone_number", "make_phone_number_primary")
                },
                ("list_devices", "one device"): _devices,
                ("forget_device", "forgotten"): _forget,
            },
        )
    )
)
