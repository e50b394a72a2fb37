import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from django_ding.models import Authentication, Event, PhoneNumber

pytestmark = pytest.mark.django_db


@pytest.fixture
def authentication(phone):
    return Authentication.objects.create(phone_number=phone, expires_at=timezone.now())


def test_text_and_repr_mask_the_number(authentication, user, phone):
    number = PhoneNumber(user=user, phone_number=phone)
    for row in (authentication, number):
        assert str(row) == "+33*******78"
        assert phone not in repr(row)


def test_event_text_tells_type_and_status(authentication):
    assert str(Event(authentication=authentication, type="check", status="invalid")) == "check invalid"
    assert str(Event(authentication=authentication, type="attempt")) == "attempt"


def test_validated_needs_its_date(authentication):
    with pytest.raises(IntegrityError), transaction.atomic():
        Authentication.objects.update(status="validated")
    with pytest.raises(IntegrityError), transaction.atomic():
        Authentication.objects.update(validated_at=timezone.now())
    Authentication.objects.update(status="validated", validated_at=timezone.now())


def test_provider_event_id_is_unique_when_present(authentication):
    for _ in range(2):
        Event.objects.create(authentication=authentication, type="check")
    Event.objects.create(authentication=authentication, type="check", provider_event_id="a")
    with pytest.raises(IntegrityError), transaction.atomic():
        Event.objects.create(authentication=authentication, type="check", provider_event_id="a")


def test_deleting_a_user_keeps_authentications_and_drops_numbers(user, phone):
    Authentication.objects.create(user=user, phone_number=phone, expires_at=timezone.now())
    PhoneNumber.objects.create(user=user, phone_number=phone)
    user.delete()
    assert Authentication.objects.get().user is None
    assert not PhoneNumber.objects.exists()


@pytest.mark.parametrize(
    ("rows", "index"),
    [
        (lambda: Authentication.objects.filter(public_id="0" * 32), "public_id=?"),
        (lambda: Authentication.objects.filter(authentication_uuid="a"), "authentication_uuid=?"),
        (lambda: PhoneNumber.objects.filter(phone_number="+1"), "phone_number=?"),
        (lambda: PhoneNumber.objects.filter(user_id=1), "user_id=?"),
        (
            lambda: Authentication.objects.live(timezone.now()).filter(phone_number="+1").order_by("-created_at"),
            "auth_number",
        ),
    ],
)
def test_hot_path_uses_an_index(rows, index):
    if connection.vendor != "sqlite":
        pytest.skip("the words of SQLite's query plans")
    plan = rows().explain()
    assert index in plan
    assert "SCAN" not in plan
