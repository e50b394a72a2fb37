from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from phonenumber_field.phonenumber import PhoneNumber as FieldNumber
from phonenumber_field.phonenumber import to_python
from phonenumber_field.serializerfields import PhoneNumberField
from rest_framework.serializers import Serializer

from django_ding import services
from django_ding.exceptions import InvalidPhoneNumber
from django_ding.models import PhoneNumber
from django_ding.phone import Reason
from tests.hosts.walk import PHONE, Browser, create_user, outbox  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db


class NumberSerializer(Serializer):
    number = PhoneNumberField()


@pytest.fixture(autouse=True)
def _abroad(outbox, settings):  # noqa: F811
    """National numbers are those of another country."""
    settings.DING = {**settings.DING, "DEFAULT_REGION": "US"}


@pytest.fixture
def user():
    """A user whose number the database gives as the field's object. As text, it reads as another country's."""
    create_user("alice", mobile=PHONE)
    user = get_user_model().objects.get()
    assert str(user.mobile) == "06 12 34 56 78"
    return user


def test_services_take_the_values_of_a_field(user, outbox):  # noqa: F811
    authentication = services.send(user.mobile, user=user).authentication
    assert authentication.phone_number == PHONE
    [message] = outbox.to(user.mobile)
    assert services.check(authentication, message.code).phone_number.phone_number == PHONE
    assert services.lookup(user.mobile).phone_number == PHONE
    services.feedback(user.mobile, "onboarded")
    assert len(services.export_data(phone_number=user.mobile)["authentications"]) == 1
    assert services.erase_data(phone_number=user.mobile).phone_numbers == 1


def test_services_take_what_a_serializer_has_read(outbox):  # noqa: F811
    serializer = NumberSerializer(data={"number": PHONE})
    serializer.is_valid(raise_exception=True)
    assert services.send(serializer.validated_data["number"]).authentication.phone_number == PHONE


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (to_python("nonsense"), Reason.NOT_A_NUMBER),
        (to_python("+33612"), Reason.TOO_SHORT),
        (FieldNumber.from_string("+33612345678 ext. 9"), Reason.EXTENSION),
        (FieldNumber(), Reason.EMPTY),
    ],
)
def test_a_value_that_is_no_number_is_refused(number, reason):
    with pytest.raises(InvalidPhoneNumber) as caught:
        services.send(number)
    assert caught.value.reason == reason


def test_numbers_are_imported(user):
    bob = create_user("bob")
    row = services.NumberToImport(user=bob.pk, phone_number=to_python("+12025550100"))
    assert services.import_numbers([row]).imported == 1
    out = StringIO()
    call_command("ding_import_numbers", field="mobile", stdout=out)
    assert out.getvalue().strip() == "Imported 1 number; 0 unchanged."
    assert set(PhoneNumber.objects.values_list("phone_number", flat=True)) == {PHONE, "+12025550100"}


def test_a_newcomer_has_the_number_in_the_field(outbox):  # noqa: F811
    browser = Browser()
    code_page = browser.submit_and_go("/phone/login/", phone_number=PHONE)
    browser.submit_and_go(code_page, code=outbox[-1].code)
    user = get_user_model().objects.get()
    assert user.mobile == to_python(PHONE)
    assert services.primary_number(user).phone_number == PHONE
