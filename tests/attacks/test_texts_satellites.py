"""A stranger has codes sent to networks that belong to no country, where a message costs a hundred times as much."""

import pytest

from django_ding.exceptions import InputError, RateLimited
from django_ding.models import Authentication, Block, Refusal
from django_ding.phone import NON_GEOGRAPHIC_CODES
from django_ding.services import send
from django_ding.testing import sandbox
from tests.guard.consume import consume
from tests.helpers import create_authentication

pytestmark = pytest.mark.django_db

IRIDIUM, GLOBALSTAR, INMARSAT = "+881612345678", "+881812345678", "+870301234567"

#: A number of each network and service.
NUMBERS = [
    *("+80012345678", "+80812345678", "+870301234567", "+878101234567890", "+881612345678"),
    *("+8823421234", "+883510012345", "+88812345678901", "+979123456789"),
]


def refusal(number: str) -> str | None:
    try:
        send(number)
    except InputError as error:
        return error.code
    except RateLimited as error:
        return error.scope
    return None


def test_each_network_is_tested():
    assert [number[:4] for number in NUMBERS] == [*NON_GEOGRAPHIC_CODES]


@pytest.mark.parametrize("number", NUMBERS)
def test_no_network_without_a_country_is_served(number):
    assert refusal(number) == "unsupported_region"
    assert Refusal.objects.get().country == number[:4]


@pytest.mark.parametrize(
    ("number", "line_type"),
    [
        ("+447012345678", "personal_number"),
        ("+15005550100", "personal_number"),
        ("+445612345678", "voip"),
        ("+33912345678", "voip"),
        ("+445512345678", "universal_access"),
    ],
)
def test_line_that_can_be_rented_by_the_thousand_is_not_served(number, line_type):
    assert refusal(number) == "invalid_line"
    with sandbox(BLOCKED_LINE_TYPES=["pager"]):
        assert refusal(number) is None


@pytest.mark.parametrize(
    ("countries", "expected"),
    [
        ({"BLOCKED_COUNTRIES": []}, [None, None, None]),
        ({"BLOCKED_COUNTRIES": ["+881"]}, ["unsupported_region", None, None]),
        ({"ALLOWED_COUNTRIES": ["+881", "FR"]}, [None, "unsupported_region", None]),
        ({"ALLOWED_COUNTRIES": ["+881", "FR"], "BLOCKED_COUNTRIES": ["+881"]}, [*["unsupported_region"] * 2, None]),
        ({"ALLOWED_COUNTRIES": ["US"]}, ["unsupported_region"] * 3),
    ],
)
def test_networks_are_named_like_countries(countries, expected):
    with sandbox(**countries):
        assert [refusal(number) for number in (IRIDIUM, INMARSAT, "+33612345678")] == expected


def test_network_that_is_served_has_the_rate_of_a_country():
    with sandbox(BLOCKED_COUNTRIES=[], RATE_LIMITS={"send": "1/h/country"}):
        assert [refusal(number) for number in (IRIDIUM, GLOBALSTAR, INMARSAT)] == [None, "country", None]
    assert set(Authentication.objects.values_list("country", flat=True)) == {"+881", "+870"}


def test_network_that_is_served_is_blocked_for_low_conversion(clock, own_counters):
    with sandbox(BLOCKED_COUNTRIES=[], MIN_CONVERSION="50%/4/h/country"):
        for digit in range(4):
            create_authentication(
                phone_number=f"+88161234567{digit}", country="+881", status="expired", requester_type="visitor"
            )
        clock.shift(150)
        assert [refusal(number) for number in (GLOBALSTAR, INMARSAT)] == ["conversion", None]
    assert str(Block.objects.get()) == "country +881 (visitor)"


def test_number_that_no_country_has_any_more_gets_no_code():
    """As one of an authentication that is retried after an update of libphonenumber's data."""
    with pytest.raises(InputError) as caught:
        consume("+12025550", user_id=None, ip=None, is_retry=True)
    assert caught.value.code == "outdated_phone_number"
