import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_ding.phone import (
    LineType,
    NotAPhoneNumber,
    Reason,
    country,
    country_name,
    destination,
    is_destination,
    is_e164,
    is_region,
    line_type,
    mask,
    numbering_plan,
    parse,
    prefix,
    regions,
    simplify,
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


@given(typed=st.text() | st.text(alphabet="+0123456789 ()-/.[];=#x"), region=st.sampled_from([None, "FR", "US", "AU"]))
def test_parse_any_text_is_e164_or_refused(typed, region):
    try:
        number = parse(typed, region)
    except NotAPhoneNumber:
        return
    assert is_e164(number)
    assert parse(number) == number


def test_simplify_keeps_other_text():
    assert simplify("Code: １２３-٤٥٦\u200f") == "Code: 123-456"


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


@pytest.mark.parametrize(
    ("region", "language", "name"),
    [
        ("DE", "fr", "Allemagne"),
        ("DE", "en", "Germany"),
        ("FR", "en", "France"),
        ("DE", "xx", ""),
        ("XK", "en", ""),
        ("ZZ", "en", ""),
    ],
)
def test_country_name(region, language, name):
    assert country_name(region, language) == name


def test_country_name_loads_no_geocoding():
    probe = "import sys; from django_ding.phone import country_name as n; n('FR', 'de'); print(*sys.modules, sep='\\n')"
    loaded = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True).stdout
    assert "phonenumbers" in loaded
    assert "phonenumbers.geodata" not in loaded


@pytest.mark.parametrize(
    ("region", "national", "international", "main"),
    [
        ("FR", "0# ## ## ## ##", "+33 # ## ## ## ##", True),
        ("US", "(###) ###-####", "+1 ###-###-####", True),
        ("CA", "(###) ###-####", "+1 ###-###-####", False),
        ("HU", "06 ## ### ####", "+36 ## ### ####", True),
        ("IT", "### ### ####", "+39 ### ### ####", True),
        ("TA", "####", "+290 ####", False),
    ],
)
def test_numbering_plan(region, national, international, main):
    plan = numbering_plan(region)
    assert (plan.national, plan.international, plan.main) == (national, international, main)
    assert plan.international.startswith(f"+{plan.calling_code} ")


def test_numbering_plan_of_every_region():
    assert all("#" in numbering_plan(region).national for region in regions())


def test_spaced():
    assert spaced(FRENCH) == "+33 6 12 34 56 78"


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
