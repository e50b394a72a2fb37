import pytest

from django_ding.numbering_plans import numbering_plan
from django_ding.phone import regions


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
