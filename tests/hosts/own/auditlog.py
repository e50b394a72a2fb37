import pytest
from auditlog.models import LogEntry

from django_ding import services
from tests.hosts.walk import OTHER_PHONE, PHONE, create_user, outbox  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db(transaction=True)


def test_entries_about_numbers(outbox):  # noqa: F811
    user = create_user("alice")
    for number in (PHONE, OTHER_PHONE):
        services.check(services.send(number, user=user).authentication, outbox[-1].code)
    services.make_primary(user.ding_phone_numbers.get(phone_number=OTHER_PHONE))
    services.remove_number(user.ding_phone_numbers.get(phone_number=PHONE))
    entries = LogEntry.objects.filter(content_type__model="phonenumber").order_by("pk")
    assert [entry.get_action_display() for entry in entries] == ["create", "create", "update", "delete"]
    assert "612345678" not in str([(entry.changes, entry.serialized_data, entry.object_repr) for entry in entries])
