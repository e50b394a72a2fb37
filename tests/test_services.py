import asyncio
import inspect
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async
from django.db import connections

from django_ding import services
from django_ding.models import PhoneNumber

TWINS = {
    "send": "asend",
    "send_or_resume": "asend_or_resume",
    "check": "acheck",
    "retry": "aretry",
    "sync": "a_sync",
    "receive": "areceive",
    "settle": "asettle",
    "count_stale": "acount_stale",
    "purge": "apurge",
    "count_old": "acount_old",
    "feedback": "afeedback",
    "lookup": "alookup",
    "report_onboarded": "areport_onboarded",
    "count_onboarded": "acount_onboarded",
    "verify_proof": "averify_proof",
    "claim": "aclaim",
    "make_primary": "amake_primary",
    "remove": "aremove",
    "blocks": "ablocks",
    "lift": "alift",
    "replace": "areplace",
    "primary_number": "aprimary_number",
    "has_verified_number": "ahas_verified_number",
    "identify": "aidentify",
    "remember_device": "aremember_device",
    "is_remembered": "ais_remembered",
    "forget_devices": "aforget_devices",
    "roll_up": "aroll_up",
    "days_to_roll_up": "adays_to_roll_up",
    "export_data": "aexport_data",
    "erase_data": "aerase_data",
}


@pytest.mark.parametrize(("service", "twin"), TWINS.items())
def test_twin_has_the_same_signature(service, twin):
    service, twin = getattr(services, service), getattr(services, twin)
    assert inspect.iscoroutinefunction(twin)
    assert inspect.signature(twin) == inspect.signature(service)


def test_twins_are_documented():
    guide = (Path(__file__).parents[2] / "docs" / "services.md").read_text()
    assert [twin for twin in TWINS.values() if f"`{twin}`" not in guide] == []


def test_each_service_has_a_twin():
    functions = {name for name in services.__all__ if inspect.isfunction(getattr(services, name))}
    assert functions - {"make_proof"} == {*TWINS, *TWINS.values()}


@pytest.mark.django_db(transaction=True)
def test_twins_verify_a_number(user, phone, outbox):
    async def verify():
        try:
            authentication = await services.asend(phone, user=user)
            return await services.acheck(authentication, outbox[-1].code)
        finally:
            await sync_to_async(connections.close_all)()  # The thread that the services ran in stays.

    assert asyncio.run(verify()).status is services.CheckStatus.VALID
    assert PhoneNumber.objects.get().user == user
