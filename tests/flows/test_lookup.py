import pytest

from django_ding.exceptions import InputError, InvalidPhoneNumber
from django_ding.line_types import LineType
from django_ding.services import feedback, lookup, send


def test_lookup_returns_the_line_type():
    result = lookup("06 12 34 56 78")
    assert (result.phone_number, result.country_code, result.line_type) == ("+33612345678", "FR", LineType.MOBILE)
    assert result.caller_name is None


def test_lookup_with_the_name_of_the_caller():
    assert lookup("+33612345678", caller_name=True).caller_name


def test_lookup_malformed_number_does_not_ask_the_provider(simulator):
    with pytest.raises(InvalidPhoneNumber):
        lookup("06")
    assert not simulator.calls


@pytest.mark.django_db
def test_feedback_is_taken_once(phone):
    send(phone)
    assert feedback(phone, "onboarded").uuid
    with pytest.raises(InputError) as caught:
        feedback(phone, "onboarded")
    assert caught.value.code == "duplicated_feedback_status"


def test_feedback_without_authentication_is_refused(phone):
    with pytest.raises(InputError) as caught:
        feedback(phone, "not_onboarded")
    assert caught.value.code == "no_associated_auth_found"


def test_feedback_unknown_status_does_not_ask_the_provider(phone, simulator):
    with pytest.raises(ValueError, match="splendid"):
        feedback(phone, "splendid")
    assert not simulator.calls
