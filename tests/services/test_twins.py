import asyncio
import inspect

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
    "feedback": "afeedback",
    "lookup": "alookup",
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
}


@pytest.mark.parametrize(("service", "twin"), TWINS.items())
def test_twin_has_the_same_signature(service, twin):
    service, twin = getattr(services, service), getattr(services, twin)
    assert inspect.iscoroutinefunction(twin)
    assert inspect.signature(twin) == inspect.signature(service)


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
