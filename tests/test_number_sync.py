"""The code in ``docs/login.md`` that keeps a field of the user model and the verified numbers alike."""

import re
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError

from django_ding import services
from django_ding.models import PhoneNumber
from django_ding.signals import phone_released, phone_renumbered, phone_verified, primary_number_changed
from django_ding.testing import sandbox

pytestmark = pytest.mark.django_db

SECTION = (
    (Path(__file__).parent.parent / "docs" / "login.md").read_text().partition("### The number in the user model")[2]
)
OTHER = "+12025550101"


@pytest.fixture
def documented(monkeypatch):
    """Run the section's code, with a field that Django's own users have, and return what it defines."""
    signals = (phone_verified, phone_released, primary_number_changed, phone_renumbered)
    before = [list(signal.receivers) for signal in signals]
    names = {}
    for block in re.findall(r"```python\n(# accounts/.*?)```", SECTION, re.DOTALL)[:2]:
        exec(block.replace("mobile", "last_name").replace("else None", 'else ""'), names)  # noqa: S102
    yield names
    for signal, receivers in zip(signals, before, strict=True):
        signal.receivers = receivers
        signal.sender_receivers_cache.clear()


@pytest.fixture
def link(documented, outbox):
    def link(user, phone):
        authentication = services.send(phone, user=user).authentication
        return services.check(authentication, outbox[-1].code).phone_number

    return link


def field(user):
    return get_user_model().objects.get(pk=user.pk).last_name


@pytest.fixture
def committed(django_capture_on_commit_callbacks):
    return lambda: django_capture_on_commit_callbacks(execute=True)


def test_field_follows_the_primary_number(link, committed, user, phone):
    first, second = link(user, phone), link(user, OTHER)
    assert field(user) == phone
    with committed():
        services.make_primary(second)
    assert field(user) == OTHER
    with committed():
        services.remove_number(second)
    assert field(user) == phone
    with committed():
        services.remove_number(first)
    assert field(user) == ""


def test_field_of_both_owners(link, committed, user, other_user, phone):
    link(user, phone)
    with sandbox(NUMBER_TAKEOVER_DAYS=0) as outbox:
        authentication = services.send(phone, user=other_user).authentication
        with committed():
            assert services.check(authentication, outbox[-1].code).phone_number
    assert (field(user), field(other_user)) == ("", phone)


def test_field_follows_a_numbering_plan(documented, committed, user):
    PhoneNumber.objects.create(user=user, phone_number="+22507123456", is_primary=True)
    with committed():
        services.renumber("+22507", "+2250707")
    assert field(user) == "+2250707123456"


def test_number_of_a_stranger_changes_no_field(documented, user, phone, outbox):
    authentication = services.send(phone).authentication
    services.check(authentication, outbox[-1].code)
    assert field(user) == ""


def test_typed_number_is_refused_until_it_is_verified(documented, link, user, phone):
    person = type(
        "Person", (documented["VerifiedNumberMixin"], get_user_model()), {"__module__": __name__, "Meta": PROXY}
    )
    user = person.objects.get(pk=user.pk)
    user.last_name = phone
    with pytest.raises(ValidationError, match="Verify this number first"):
        user.clean()
    link(user, phone)
    user.clean()


PROXY = type("Meta", (), {"proxy": True, "app_label": "tests"})
