import asyncio
import inspect
from pathlib import Path
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async
from django.db import connections

from django_ding import services
from django_ding.models import Authentication, PhoneNumber
from django_ding.services import get_authentication, send
from tests.helpers import Statements

GUIDE = (Path(__file__).parents[1] / "docs" / "services.md").read_text()

#: What a view may await. The others are for commands, for other rooms of this app, or cost nothing.
ASYNC = {
    "send": "asend",
    "check": "acheck",
    "retry": "aretry",
    "refresh": "arefresh",
    "cancel": "acancel",
    "lookup": "alookup",
    "feedback": "afeedback",
    "verify_proof": "averify_proof",
    "claim": "aclaim",
    "redeem_login": "aredeem_login",
    "make_primary": "amake_primary",
    "remove_number": "aremove_number",
    "replace_number": "areplace_number",
    "has_verified_number": "ahas_verified_number",
    "has_stepped_up": "ahas_stepped_up",
    "needs_step_up": "aneeds_step_up",
    "forget_device": "aforget_device",
    "forget_devices": "aforget_devices",
}
#: What only this app calls.
INTERNAL = {
    "make_webhook_url",
    "is_webhook_token",
    "record_webhook",
    "create_user",
    "create_user_with_number",
    "phone_backend",
    "record_login",
}
#: What the module uses from other rooms.
NOT_PUBLIC = {"Authentication", "run_steps", "steps_of", "write_alias"}
UNKNOWN = UUID("00000000-0000-4000-8000-000000000000")


@pytest.mark.parametrize(("service", "variant"), ASYNC.items())
def test_async_variant_has_the_same_signature(service, variant):
    service, variant = getattr(services, service), getattr(services, variant)
    assert inspect.iscoroutinefunction(variant)
    assert inspect.signature(variant) == inspect.signature(service)


def test_services_and_async_variants_are_documented():
    functions = {name for name in services.__all__ if inspect.isfunction(getattr(services, name))} - INTERNAL
    assert [name for name in sorted(functions) if f"`{name}" not in GUIDE and f"{name}(" not in GUIDE] == []


def test_every_coroutine_function_is_an_async_variant():
    coroutines = {name for name in services.__all__ if inspect.iscoroutinefunction(getattr(services, name))}
    assert coroutines == set(ASYNC.values())


def test_all_names_of_the_module_are_public():
    public = {
        name for name, value in vars(services).items() if getattr(value, "__module__", "").startswith("django_ding.")
    }
    names = {name for name in public if not name.startswith("_")} - {
        "Authentication",
        "write_alias",
        "run_steps",
        "steps_of",
    }
    assert names - {"UUID", "Any"} == set(services.__all__)


@pytest.mark.django_db(transaction=True)
def test_async_variants_verify_a_number(user, phone, outbox):
    async def verify():
        try:
            authentication = (await services.asend(phone, user=user)).authentication
            return await services.acheck(authentication, outbox[-1].code)
        finally:
            await sync_to_async(connections.close_all)()  # The thread that the services ran in stays.

    assert asyncio.run(verify()).status is services.CheckStatus.VALID
    assert PhoneNumber.objects.get().user == user


@pytest.mark.django_db
@pytest.mark.parametrize("form", [str, lambda public_id: public_id, lambda public_id: public_id.hex])
def test_get_authentication_takes_one_statement(phone, form):
    authentication = send(phone).authentication
    with Statements() as statements:
        assert get_authentication(form(authentication.public_id)) == authentication
    assert len(statements) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("public_id", [UNKNOWN, str(UNKNOWN), "", "x", "1", "é" * 36])
def test_get_authentication_without_one_raises(phone, public_id):
    send(phone)
    with pytest.raises(Authentication.DoesNotExist):
        get_authentication(public_id)
