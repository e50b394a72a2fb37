"""The example's sandbox posts webhooks to the example."""

import time

import pytest

from django_ding.models import Authentication
from django_ding.sandbox.project import project_simulator
from tests.e2e.processes import TIMEOUT


@pytest.mark.parametrize(("number", "status"), [("+33612345678", "delivered"), ("+12025550120", "undeliverable")])
def test_delivery_is_reported(visitor, settings, number, status):
    quick = {"in_transit_after": 0, "delivered_after": 0, "webhook_copies": 2}
    settings.DING = {**settings.DING, "WEBHOOK_BASE_URL": visitor.url, "SANDBOX": {"enabled": True, **quick}}
    assert visitor.send(number).status_code == 201
    wait_until(lambda: Authentication.objects.get().delivery_status == status and not len(project_simulator().webhooks))
    assert Authentication.objects.get().events.count() == 5


def wait_until(condition):
    deadline = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
