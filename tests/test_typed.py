import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_ding.phone import parse
from django_ding.typed import simplify

NUMBER = "+33 6 12 34 56 78"

#: The property Default_Ignorable_Code_Point of Unicode 17, and two characters that other programs leave in a text.
INVISIBLE_RANGES = (
    "00AD 034F 061C 115F-1160 17B4-17B5 180B-180F 200B-200F 202A-202E 2060-206F 3164 FE00-FE0F FEFF FFA0 FFF0-FFF8 "
    "1BCA0-1BCA3 1D173-1D17A E0000-E0FFF FFFC 2800"
)


def invisible_characters():
    for item in INVISIBLE_RANGES.split():
        first, _, last = item.partition("-")
        yield from map(chr, range(int(first, 16), int(last or first, 16) + 1))


def test_invisible_characters_are_not_there():
    visible = {f"U+{ord(char):04X}" for char in invisible_characters() if simplify(f"1{char}2") != "12"}
    assert visible == set()


@given(
    marks=st.lists(
        st.tuples(st.integers(0, len(NUMBER)), st.sampled_from([*invisible_characters()])), min_size=1, max_size=20
    )
)
def test_invisible_characters_change_no_number(marks):
    text = NUMBER
    for position, char in marks:
        text = text[:position] + char + text[position:]
    assert parse(text) == "+33612345678"


DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u30fc\uff70\uff0d\ufe63\ufe58\u2043\u02d7\u058a\u301c"


@pytest.mark.parametrize("dash", DASHES)
def test_every_dash_is_one(dash):
    assert simplify(f"090{dash}1234") == "090-1234"


def test_simplify_keeps_other_text():
    assert simplify("Code: １２３-٤٥٦\u200f") == "Code: 123-456"
