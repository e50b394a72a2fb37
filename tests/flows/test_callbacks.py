"""Which authentication a webhook is about. What is recorded of it is in ``test_timeline.py``."""

from uuid import uuid4

import pytest

from django_ding.backends.types import DeliveryStatus, WebhookEvent
from django_ding.models import Authentication, Event
from django_ding.services import record_webhook, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def authentication(phone):
    return send(phone).authentication


def delivered(number=1, **ids):
    return WebhookEvent(type="delivery_status", id=f"event-{number}", status=DeliveryStatus.DELIVERED, **ids)


def recorded():
    return Event.objects.filter(type="delivery_status").count()


def test_url_names_the_authentication(authentication):
    assert record_webhook("default", [delivered(1), delivered(2)], public_id=authentication.public_id)
    assert recorded() == 2


def test_ids_of_an_event_find_the_authentication(authentication):
    ours = {"correlation_id": str(authentication.public_id)}
    theirs = {"authentication_uuid": authentication.authentication_uuid}
    assert record_webhook("default", [delivered(1, **ours), delivered(2, **theirs), delivered(3, **ours, **theirs)])
    assert recorded() == 3


def test_event_without_our_id_is_recorded_once_where_the_provider_id_is_shared(authentication, user):
    shared = {"authentication_uuid": authentication.authentication_uuid}
    send("+12025550100", user=user)
    Authentication.objects.update(**shared)
    authentication.save()  # PostgreSQL returns the row that was changed last at the end.
    for _ in range(2):
        assert record_webhook("default", [delivered(**shared)])
    assert recorded() == authentication.events.filter(type="delivery_status").count() == 1


@pytest.mark.parametrize("ids", [{}, {"correlation_id": "x"}, {"correlation_id": ""}, {"authentication_uuid": "x"}])
def test_event_of_an_unknown_authentication_is_ignored(authentication, ids):
    assert record_webhook("default", [delivered(**ids)])
    assert record_webhook("default", [delivered(correlation_id=str(uuid4()))])
    assert recorded() == 0


@pytest.mark.parametrize("by_url", [True, False])
def test_event_of_a_deleted_authentication_is_logged_with_our_id(authentication, caplog, by_url):
    ours = authentication.public_id
    authentication.delete()
    with caplog.at_level("INFO", "django_ding"):
        if by_url:
            record_webhook("default", [delivered()], public_id=ours)
        else:
            record_webhook("default", [delivered(correlation_id=str(ours))])
    (record,) = caplog.records
    assert (record.ding_event, record.ding_correlation_id) == ("webhook", str(ours))


def test_event_of_another_backend_is_not_recorded(authentication):
    assert record_webhook("other", [delivered(authentication_uuid=authentication.authentication_uuid)])
    assert record_webhook("other", [delivered(correlation_id=str(authentication.public_id))])
    assert not record_webhook("other", [delivered()], public_id=authentication.public_id)
    assert recorded() == 0


def test_one_event_of_another_authentication_does_not_keep_the_rest_from_being_recorded(authentication):
    events = [delivered(1, correlation_id=str(uuid4())), delivered(2)]
    assert not record_webhook("default", events, public_id=authentication.public_id)
    assert recorded() == 1


@pytest.mark.parametrize("correlation_id", [None, "ours"])
def test_provider_id_is_learned_from_an_event_with_our_id_only(authentication, correlation_id):
    Authentication.objects.update(authentication_uuid="", status="created")
    ours = str(authentication.public_id) if correlation_id else None
    is_recorded = record_webhook(
        "default", [delivered(correlation_id=ours, authentication_uuid="learned")], public_id=authentication.public_id
    )
    row = Authentication.objects.get()
    assert (is_recorded, row.authentication_uuid) == ((True, "learned") if ours else (False, ""))
    assert (row.status, row.dedup_key) == ("created", authentication.dedup_key)
