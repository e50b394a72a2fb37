import random
import re

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from django_ding.numbering_plans import numbering_plan
from django_ding.phone import (
    LineType,
    NotAPhoneNumber,
    Reason,
    country,
    destination,
    is_destination,
    is_e164,
    is_region,
    is_valid,
    line_type,
    mask,
    mobile_digits,
    parse,
    parse_stored,
    prefix,
    regions,
    spaced,
)

FRENCH = "+33612345678"


@pytest.mark.parametrize(
    "typed",
    [
        "+33612345678",
        "+33 6 12 34 56 78",
        " +33 6 12 34 56 78 ",
        "+ 33 6 12 34 56 78",
        "+33-6-12-34-56-78",
        "+33.6.12.34.56.78",
        "+33/6/12/34/56/78",
        "+33 6–12–34–56–78",
        "+33 6−12−34−56−78",
        "(+33) 6 12 34 56 78",
        "+(33) 6 12 34 56 78",
        "[+33] 6 12 34 56 78",
        "+33 (0)6 12 34 56 78",
        "+33\t6\xa012\u300034 56 78",
        "0033612345678",
        "00 33 6 12 34 56 78",
        "00 (33) 6 12 34 56 78",
        "(0033) 6 12 34 56 78",
        "+33６１２３４５６７８",
        "＋３３ ６１２ ３４５ ６７８",
        "+٣٣٦١٢٣٤٥٦٧٨",
        "+۳۳۶۱۲۳۴۵۶۷۸",
        "+३३६१२३४५६७८",
        "\u202a+33 6 12 34 56 78\u202c",
        "tel:+33-6-12-34-56-78",
        "TEL:%2b33612345678",
        "tel:%2B33%20612345678",
        "tel://+33612345678",
        "tel:612345678;phone-context=+33",
        "tel:+33612345678;phone-context=+1",
        "tel:+33612345678;isub=1234",
    ],
)
def test_parse_international(typed):
    assert parse(typed) == FRENCH


@pytest.mark.parametrize(
    "typed",
    [
        "0612345678",
        "06 12 34 56 78",
        "(06) 12 34 56 78",
        "[06]12345678",
        "٠٦١٢٣٤٥٦٧٨",
        "tel:0612345678;phone-context=a.fr",
    ],
)
def test_parse_national(typed):
    assert parse(typed, "FR") == FRENCH


@pytest.mark.parametrize(
    ("typed", "region", "number"),
    [
        pytest.param("(202) 555-0100", "US", "+12025550100", id="US"),
        pytest.param("1 202 555 0199", "US", "+12025550199", id="US trunk prefix"),
        pytest.param("07400 123456", "GB", "+447400123456", id="GB"),
        pytest.param("0491 570 156", "AU", "+61491570156", id="AU"),
        pytest.param("+44 (0)7400 123456", "FR", "+447400123456", id="plus wins over region"),
        pytest.param("00447400123456", "US", "+447400123456", id="00 where it is no prefix"),
        pytest.param("0011 44 7400 123456", "AU", "+447400123456", id="AU's own prefix"),
        pytest.param("011 44 7400 123456", "US", "+447400123456", id="US's own prefix"),
        pytest.param("+52 1 55 1234 5678", None, "+525512345678", id="MX before 2019"),
        pytest.param("+5213312345678", "FR", "+523312345678", id="MX before 2019, another city"),
        pytest.param("52 1 55 1234 5678", "MX", "+525512345678", id="MX before 2019, no plus"),
        pytest.param("044 55 1234 5678", "MX", "+525512345678", id="MX before 2019, at home"),
        pytest.param("045 33 1234 5678", "MX", "+523312345678", id="MX before 2019, from another city"),
        pytest.param("01 55 1234 5678", "MX", "+525512345678", id="MX before 2019, long distance"),
        pytest.param("55 1234 5678", "MX", "+525512345678", id="MX"),
        pytest.param("011 15-2345-6789", "AR", "+5491123456789", id="AR's domestic 15 is the 9"),
        pytest.param("+54 11 15 2345-6789", "AR", "+5491123456789", id="AR's domestic 15 after +54"),
        pytest.param("06 1234 5678", "IT", "+390612345678", id="IT's zero belongs to the number"),
        pytest.param("392 123 4567", "IT", "+393921234567", id="IT's mobiles may begin with 39"),
        pytest.param("49 151 12345678", "DE", "+4915112345678", id="DE without plus, else a landline"),
        pytest.param("49-1512-3456789", "DE", "+4915123456789", id="DE without plus, with dashes"),
        pytest.param("04915 112345", "DE", "+494915112345", id="DE landline that begins with 49"),
        pytest.param("91 98765 43210", "IN", "+919876543210", id="IN without plus"),
        pytest.param("47 12 34 56", "NO", "+4747123456", id="NO mobile that begins with 47"),
        pytest.param("090\u30fc1234\u30fc5678", "JP", "+819012345678", id="JP long vowel marks"),
        pytest.param("090\uff701234\uff705678", "JP", "+819012345678", id="JP half-width vowel marks"),
        pytest.param("０９０ー１２３４ー５６７８", "JP", "+819012345678", id="JP full-width digits"),
        pytest.param("+881612345678", None, "+881612345678", id="satellite"),
        pytest.param(" 447400123456", "FR", "+447400123456", id="plus became a blank"),
        pytest.param(" 44 7400 123456", None, "+447400123456", id="plus became a blank, no region"),
        pytest.param("\u200e 33612345678", "FR", "+33612345678", id="plus became a blank, own country"),
        pytest.param(" 0612345678", "FR", "+33612345678", id="blank before a national number"),
        pytest.param(" 392 123 4567", "IT", "+393921234567", id="blank before a number of one reading"),
    ],
)
def test_parse_by_region(typed, region, number):
    assert parse(typed, region) == number


@pytest.mark.parametrize(
    ("typed", "region", "reason"),
    [
        ("", None, Reason.EMPTY),
        (" \t\u200b", None, Reason.EMPTY),
        ("tel:", None, Reason.EMPTY),
        ("hello", None, Reason.NOT_A_NUMBER),
        ("1-800-FLOWERS", "US", Reason.NOT_A_NUMBER),
        ("+", None, Reason.NOT_A_NUMBER),
        ("()", "FR", Reason.NOT_A_NUMBER),
        ("00", None, Reason.NOT_A_NUMBER),
        ("7", "FR", Reason.NOT_A_NUMBER),
        ("½", "FR", Reason.NOT_A_NUMBER),
        ("++33612345678", None, Reason.NOT_A_NUMBER),
        ("+33612345678 or so", None, Reason.NOT_A_NUMBER),
        ("0612345678", None, Reason.NEEDS_COUNTRY),
        ("+999123456", None, Reason.UNKNOWN_COUNTRY),
        ("00999123456", "FR", Reason.UNKNOWN_COUNTRY),
        ("0612345678", "UK", Reason.UNKNOWN_COUNTRY),
        ("+336", None, Reason.TOO_SHORT),
        ("+3361234", None, Reason.TOO_SHORT),
        ("5550100", "US", Reason.TOO_SHORT),
        ("+15550100", None, Reason.TOO_SHORT),
        ("+336123456789", None, Reason.TOO_LONG),
        ("+33612345678901234", None, Reason.TOO_LONG),
        ("+33 6 12 34 56 78" + " " * 50, None, Reason.TOO_LONG),
        ("+33000000000", None, Reason.UNASSIGNED),
        ("+12025550100 ext. 5", None, Reason.EXTENSION),
        ("+12025550100 Extension 5", None, Reason.EXTENSION),
        ("+12025550100x5", None, Reason.EXTENSION),
        ("+12025550100 #5", None, Reason.EXTENSION),
        ("+12025550100,5", None, Reason.EXTENSION),
        ("+12025550100;ext=5", None, Reason.EXTENSION),
        ("tel:+12025550100;ext=5", None, Reason.EXTENSION),
        ("tel:+12025550100;EXT=5", None, Reason.EXTENSION),
        ("+33612345678;ext=12", "FR", Reason.EXTENSION),
        ("06 12 34 56 78 x2", "FR", Reason.EXTENSION),
        ("+33 6 6X XX XX 83", "FR", Reason.NOT_A_NUMBER),
        ("+33 6 12 34 5X 78", "FR", Reason.NOT_A_NUMBER),
        ("+33 6 xx xx xx 83", "FR", Reason.NOT_A_NUMBER),
        ("+33 6 ** ** ** 83", "FR", Reason.NOT_A_NUMBER),
        ("+33 6 ## ## ## 83", "FR", Reason.NOT_A_NUMBER),
        (" 3725123456", "IT", Reason.NEEDS_COUNTRY),
        (" 6591234567", "IN", Reason.NEEDS_COUNTRY),
        ("\u00a06591234567", "IN", Reason.NEEDS_COUNTRY),
        ("+521 55 1234 567", None, Reason.UNASSIGNED),
    ],
)
def test_parse_refuses(typed, region, reason):
    with pytest.raises(NotAPhoneNumber) as raised:
        parse(typed, region)
    assert raised.value.reason is reason
    assert str(raised.value) == reason.value


def test_parse_error_is_chained_to_nothing_typed():
    with pytest.raises(NotAPhoneNumber) as raised:
        parse("+336")
    assert raised.value.__suppress_context__


@given(typed=st.from_regex(r"\A \+?[0-9 ()-]{6,16}\Z"), region=st.sampled_from(["IT", "IN", "US", "DE", "FR"]))
def test_parse_after_a_blank_is_what_a_plus_makes_of_it_or_refused(typed, region):
    with_plus = attempt(typed.replace(" ", "+", 1))
    if with_plus and typed[1] in "123456789":
        assert attempt(typed, region) in (with_plus, None)


def attempt(typed, region=None):
    try:
        return parse(typed, region)
    except NotAPhoneNumber:
        return None


@pytest.mark.parametrize("read", [parse, parse_stored])
def test_parse_takes_objects_of_phonenumbers(read):
    assert read(phonenumbers.parse("06 12 34 56 78", "FR"), "US") == "+33612345678"
    assert read(phonenumbers.parse("+39 06 1234 5678")) == "+390612345678"
    for number, reason in (
        (phonenumbers.parse("+33 6 12 34 56 78 ext. 9"), Reason.EXTENSION),
        (phonenumbers.PhoneNumber(), Reason.EMPTY),
        (phonenumbers.PhoneNumber(raw_input="nonsense"), Reason.NOT_A_NUMBER),
    ):
        with pytest.raises(NotAPhoneNumber) as caught:
            read(number)
        assert caught.value.reason == reason


@pytest.mark.parametrize("region", sorted(regions()))
def test_parse_keeps_each_country_s_own_mobile_number(region):
    national = re.sub("#", "{}", numbering_plan(region).national)
    example = phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
    if example is None:
        pytest.skip("no mobile numbers")
    number = phonenumbers.format_number(example, PhoneNumberFormat.E164)
    written = phonenumbers.format_number(example, PhoneNumberFormat.NATIONAL)
    assert (parse(number), parse(written, region)) == (number, number), national


@pytest.mark.slow
@pytest.mark.parametrize("region", sorted(regions()))
def test_parse_without_its_plus_is_the_same_number_or_refused(region):
    """At home, and abroad where a form has left a blank in place of the plus."""
    numbers = set(filter(attempt, mobile_numbers(region, count=200)))
    for number in numbers:
        assert attempt(number[1:], region) in (number, None)
        for elsewhere in ("IT", "IN", "US", "DE", "BR", "ID"):
            assert attempt(f" {number[1:]}", elsewhere) in (number, None)


def mobile_numbers(region, *, count):
    """Yield numbers that differ from an example in their last digits. Not all of them are valid."""
    example = phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
    chance = random.Random(region)  # noqa: S311 - not a secret
    for _ in range(count if example else 0):
        yield phonenumbers.format_number(example, PhoneNumberFormat.E164)[:-4] + f"{chance.randrange(10_000):04}"


@given(typed=st.text() | st.text(alphabet="+0123456789 ()-/.[];=#x"), region=st.sampled_from([None, "FR", "US", "AU"]))
def test_parse_any_text_is_e164_or_refused(typed, region):
    try:
        number = parse(typed, region)
    except NotAPhoneNumber:
        return
    assert is_e164(number)
    assert parse(number) == number


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+33612345678", True),
        ("33612345678", False),
        ("+0612345678", False),
        ("+1234567890123456", False),
        ("+33 612345678", False),
        ("+33612345678\n", False),
        ("+٣٣٦١٢٣٤٥٦٧٨", False),
        ("", False),
    ],
)
def test_is_e164(text, expected):
    assert is_e164(text) is expected


@pytest.mark.parametrize(("text", "expected"), [("FR", True), ("GB", True), ("UK", False), ("fr", False), ("", False)])
def test_is_region(text, expected):
    assert is_region(text) is expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [("+33612345678", "FR"), ("+12025550100", "US"), ("+447400123456", "GB"), ("+61491570156", "AU")],
    ids=["FR", "US", "GB", "AU"],
)
def test_country(number, expected):
    assert country(number) == expected


def test_country_of_a_number_without_one():
    assert country("+1202555") == ""


@pytest.mark.parametrize(
    ("number", "expected"), [("+33612345678", "FR"), ("+881612345678", "+881"), ("+12025550", "+1")]
)
def test_destination(number, expected):
    assert destination(number) == expected


@pytest.mark.parametrize(("text", "expected"), [("FR", True), ("+881", True), ("+33", False), ("881", False)])
def test_is_destination(text, expected):
    assert is_destination(text) is expected


OUTDATED = "+22507123456"  # Valid until numbers in Côte d'Ivoire got two more digits in 2021.


def test_outdated_number_is_displayed_and_found():
    assert not is_valid(OUTDATED)
    assert (destination(OUTDATED), prefix(OUTDATED), line_type(OUTDATED)) == ("CI", "+2250712", LineType.UNKNOWN)
    assert (mask(OUTDATED), spaced(OUTDATED)) == ("+225******56", "+225\xa007123456")
    assert parse_stored(OUTDATED) == parse_stored("00 225 07 12 34 56") == OUTDATED


def test_number_of_no_plan_is_displayed_and_found():
    number = "+999123456789"
    assert (destination(number), country(number), line_type(number)) == ("", "", LineType.UNKNOWN)
    assert (mask(number), spaced(number)) == ("***********89", number)
    assert parse_stored(number) == number


@pytest.mark.parametrize(("typed", "number"), [("06 12 34 56 78", FRENCH), ("+33 6 12 34 56 78", FRENCH)])
def test_parse_stored_reads_what_parse_does(typed, number):
    assert parse_stored(typed, "FR") == number


@pytest.mark.parametrize("typed", ["", "hello", "07 12 34 56", "+336x12"])
def test_parse_stored_refuses_what_is_no_whole_number(typed):
    with pytest.raises(NotAPhoneNumber):
        parse_stored(typed, "CI")


@pytest.mark.parametrize(
    ("number", "expected"),
    [("+541123456789", ("+54", "9")), ("+5491123456789", ("", "")), ("+33112345678", ("", "")), (FRENCH, ("", ""))],
)
def test_mobile_digits(number, expected):
    assert mobile_digits(number) == expected


def test_spaced():
    assert spaced(FRENCH) == "+33\xa06\xa012\xa034\xa056\xa078"


@pytest.mark.parametrize("short", ["+683", "+2902"])
def test_spaced_leaves_the_prefix_of_a_short_number(short):
    assert spaced(short) == short


def test_line_type():
    assert line_type(FRENCH) is LineType.MOBILE
    assert line_type("+12025550100") is LineType.FIXED_LINE_OR_MOBILE
    assert line_type("+1202555") is LineType.UNKNOWN


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("+33612345678", "+33*******78"),
        ("+12025550100", "+1********00"),
        ("+447400123456", "+44********56"),
        ("0612345678", "********78"),
        ("hello", "***lo"),
        ("", ""),
    ],
)
def test_mask(number, masked):
    assert mask(number) == masked


@pytest.mark.parametrize(
    ("number", "expected"), [("+33612345678", "+3361234"), ("+12025550100", "+1202555"), ("+29022222", "+2902")]
)
def test_prefix_lacks_the_last_four_digits(number, expected):
    assert prefix(number) == expected
