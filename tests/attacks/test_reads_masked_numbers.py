"""A support agent without the permission wants full numbers, from users who are called by theirs."""

import pytest

from django_ding.admin.display import format_user

DIGITS = "0612345678"


@pytest.mark.parametrize(
    "name",
    [
        "06_12_34_56_78",
        "06/12/34/56/78",
        "06,12,34,56,78",
        "06:12;34|56~78",
        "06\u00b712\u00b734\u00b756\u00b778",
        "06\u00a012\u202f34\u200956\u300078",
        "06\u201312\u201434\u221256\u201078",
        "06 - 12 - 34 - 56 - 78",
        "06\u200b12\u206034\u00ad56\ufeff78",
        "０６１２３４５６７８",
        "０６＿１２＿３４＿５６＿７８",
        "＋３３６１２３４５６７８",
        "٠٦١٢٣٤٥٦٧٨",
        "⁰⁶¹²³⁴⁵⁶⁷⁸",
        "⓪⑥①②③④⑤⑥⑦⑧",
        "tel_06_12_34_56_78@example.com",
        "user.0612345678",
    ],
)
def test_name_with_a_number_is_masked(name):
    shown = format_user(name, full=False)
    assert "******" in shown
    assert shown.removesuffix("@example.com").endswith("78")
    assert sum(map(str.isdigit, shown)) <= 4  # The calling code, and the last two digits.


@pytest.mark.parametrize("name", ["alice", "agent 007", "Ａｌｉｃｅ", "bob-2026", "route66_1999", "a1b2c3d4e5f6a7b8"])
def test_other_names_stay_as_they_are(name):
    assert format_user(name, full=False) == name
