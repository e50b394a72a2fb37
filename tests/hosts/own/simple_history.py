import pytest
from django.core.management import call_command

from django_ding import services
from django_ding.models import PhoneNumber
from tests.hosts.walk import OTHER_PHONE, PHONE, create_user, outbox  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db(transaction=True)


def test_versions_of_a_number(outbox):  # noqa: F811
    user = create_user("alice")
    for number in (PHONE, OTHER_PHONE):
        services.check(services.send(number, user=user).authentication, outbox[-1].code)
    services.make_primary(user.ding_phone_numbers.get(phone_number=OTHER_PHONE))
    services.remove_number(user.ding_phone_numbers.get(phone_number=PHONE))
    versions = PhoneNumber.history.order_by("history_id").values_list("history_type", "phone_number", "is_primary")
    assert list(versions) == [
        ("+", PHONE, True),
        ("+", OTHER_PHONE, False),
        ("~", OTHER_PHONE, True),
        ("-", PHONE, False),
    ]


def test_this_app_gets_no_migration():
    call_command("makemigrations", "django_ding", check_changes=True, dry_run=True, verbosity=0)
