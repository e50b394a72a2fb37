"""The events in partitions, as docs/databases.md has them. PostgreSQL rolls the changes of the tables back as well."""

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection
from django.db.models import F
from django.urls import reverse

from django_ding.backends.types import DeliveryStatus, WebhookEvent
from django_ding.models import Authentication, DailyStatistics, Event
from django_ding.services import check, erase_data, purge, record_webhook, retry, roll_up, send
from tests.test_docs import ROOT

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="what PostgreSQL partitions"),
]
SECTION = (ROOT / "docs" / "databases.md").read_text().partition("\n## Partitions\n")[2].partition("\n## ")[0]
SIZE = 1_000_000


def example(language):
    return re.search(rf"^```{language}\n(.*?)^```", SECTION, re.MULTILINE | re.DOTALL)[1]


def run(sql):
    """Return the rows of the last statement. Deferred foreign keys would be in the way of changes to the table."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(sql)
        rows = cursor.fetchall() if cursor.description else []
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        return rows


def upkeep():
    """Do what is to be done once a month, and return the partitions that were dropped."""
    return [run(statement) for statement in example("sql").split(";") if statement.strip()][-1]


def partitions():
    """Return the partitions with rows, and the number of their rows."""
    return dict(run("SELECT tableoid::regclass::text, count(*) FROM django_ding_event GROUP BY 1 ORDER BY 1"))


@pytest.fixture
def earlier(user, phone, outbox, clock):
    """A verification from before the migration, on the day of the upkeep's clock: at noon, so that it is one day."""
    ((today,),) = run("SELECT date_trunc('day', now())")
    clock.move_to(today + timedelta(hours=12))
    authentication = send(phone, user=user).authentication
    check(authentication, outbox[-1].code)
    clock.shift(600)
    return authentication


@pytest.fixture
def partitioned(earlier):
    migration = {}
    exec(example("python"), migration)  # noqa: S102
    for operation in migration["Migration"].operations:
        run(operation.sql)


@pytest.fixture
def verify(phone, user, outbox, clock):
    """Return a function that does all that writes events, in the partition with this number."""

    def verify(number=None):
        if number is not None:
            run(f"ALTER SEQUENCE django_ding_authentication_id_seq RESTART {number * SIZE}")
        authentication = send(phone, user=user).authentication
        event = WebhookEvent(type="delivery_status", id="1", status=DeliveryStatus.DELIVERED)
        for _ in range(2):
            record_webhook("default", [event], public_id=authentication.public_id)
        clock.shift(31)
        assert retry(authentication).status == "approved"
        assert check(authentication, "000000").status == "invalid"
        assert check(authentication, outbox[-1].code).status == "valid"
        clock.shift(600)
        return authentication

    return verify


@pytest.mark.usefixtures("partitioned")
def test_timelines_are_whole(earlier, verify, admin_client):
    later = verify()
    assert partitions() == {"django_ding_event_0": 7}
    for authentication in (earlier, later):
        page = admin_client.get(reverse("admin:django_ding_authentication_change", args=[authentication.pk]))
        assert page.status_code == 200
    assert page.context["timeline"]
    assert [event.type for event in later.events.order_by("pk")] == [
        "authentication",
        "delivery_status",
        "attempt",
        "check",
        "check",
    ]
    assert len(set(Event.objects.values_list("pk", flat=True))) == 7
    roll_up()
    assert DailyStatistics.objects.get().validated == 2
    assert erase_data(user=later.user).authentications == 2
    assert not Event.objects.exists()


@pytest.mark.usefixtures("partitioned")
def test_each_event_is_stored_once(verify):
    event = verify().events.get(type="delivery_status")
    with pytest.raises(IntegrityError):
        Event.objects.create(
            authentication_id=event.authentication_id, type="check", provider_event_id=event.provider_event_id
        )


@pytest.mark.usefixtures("partitioned")
def test_purge_deletes_what_no_partition_dropped(verify, clock):
    verify(number=1)
    Authentication.objects.update(created_at=F("created_at") - timedelta(days=91))
    verify(number=2)
    assert partitions() == {"django_ding_event_0": 2, "django_ding_event_1": 5, "django_ding_event_2": 5}
    assert upkeep() == [("django_ding_event_0",), ("django_ding_event_1",)]
    assert partitions() == {"django_ding_event_2": 5}
    deleted = purge(older_than=90 * 86_400)
    assert (deleted.authentications, deleted.events) == (0, 0)  # They still count as a proof.
    clock.shift(2 * 86_400)
    deleted = purge(older_than=90 * 86_400)
    assert (deleted.authentications, deleted.events) == (2, 0)
    clock.shift(90 * 86_400)
    deleted = purge(older_than=90 * 86_400)
    assert (deleted.authentications, deleted.events) == (1, 5)


@pytest.mark.usefixtures("partitioned")
def test_partition_with_a_young_verification_stays(verify):
    verify(number=1)
    assert upkeep() == []
    assert partitions() == {"django_ding_event_0": 2, "django_ding_event_1": 5}


@pytest.mark.usefixtures("partitioned")
def test_events_without_a_partition_are_kept_and_move_on(verify):
    late = verify(number=99)
    assert partitions()["django_ding_event_rest"] == 5
    upkeep()
    assert partitions() == {"django_ding_event_0": 2, "django_ding_event_99": 5}
    assert late.events.count() == 5
