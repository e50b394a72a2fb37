"""When another code can be sent, on the page of a verification."""

import re

import pytest

from django_ding.guard import counters
from django_ding.guard.lockouts import lockout_keys
from django_ding.models import Lockout
from django_ding.services import send
from django_ding.testing import sandbox
from tests.admin.helpers import BLOCKS, LIST, LOCKOUTS, permit

pytestmark = pytest.mark.usefixtures("own_counters")


@pytest.fixture(autouse=True)
def _limited(outbox):
    with sandbox(RATE_LIMITS={"send": "1/h/phone,1200/d/country"}, MIN_CONVERSION="20%/20/d/prefix"):
        yield


def limits_of(desk, row):
    """Return the table as people read it."""
    page = desk.get(f"{LIST}{row.pk}/change/").text
    section = page.split('id="ding-limits"')[1].split("</section>")[0]
    cells = re.findall(r"<dt>(.*?)</dt><dd[^>]*>(.*?)</dd>", section)
    return {label: re.sub("<.*?>", "", text) for label, text in cells}


def test_each_limit_has_its_own_time(desk, clock, outbox, user, phone):
    row = send(phone, user=user).authentication
    clock.shift(1200)
    assert limits_of(desk, row) == {
        "Wait after the last message": "over",
        "Rate limit: per number (1 in 1 h)": "in 40 minutes, at 13:00:00\u00a0UTC",
        "Rate limit: per country (1,200 in 1 d)": "not reached",
        "Block of the prefix": "none",
        "Lockout of the user": "none",
        "Lockout of the number": "none",
    }


def test_block_is_linked_for_those_who_may_view_it(desk, agent, make, block):
    row = make()
    assert limits_of(desk, row)["Block of the prefix"] == "in 60 minutes, at 13:00:00\u00a0UTC View block"
    assert f'<a href="{BLOCKS}{block.pk}/change/">View block</a>' in desk.get(f"{LIST}{row.pk}/change/").text
    assert "+3361234" not in desk.get(f"{LIST}{row.pk}/change/").text
    agent.user_permissions.filter(codename="view_block").get().user_set.remove(agent)
    assert limits_of(desk, row)["Block of the prefix"] == "in 60 minutes, at 13:00:00\u00a0UTC"


def test_block_of_other_requesters_is_none(desk, make, block):
    assert limits_of(desk, make(requester_type="login"))["Block of the prefix"] == "none"


def test_lockout_is_linked(desk, agent, make, user):
    permit(agent, "view_lockout")
    row = make(user=user, purpose="second_factor")
    ((scope, key),) = lockout_keys(row).items()
    lockout = Lockout.objects.create(
        scope=scope, user=user, phone_number=row.phone_number, wrong_codes=9, active_key=key
    )
    assert limits_of(desk, row)["Lockout of the user"] == "when it is lifted View lockout"
    assert f'<a href="{LOCKOUTS}{lockout.pk}/change/">View lockout</a>' in desk.get(f"{LIST}{row.pk}/change/").text


def test_country_that_the_settings_rule_out(desk, make):
    with sandbox(BLOCKED_COUNTRIES=["FR"]):
        assert limits_of(desk, make())["Country and type of number"] == "codes aren&#x27;t sent to this country"


def test_page_works_without_the_counters(desk, make, monkeypatch):
    def fail(limits):
        raise OSError

    monkeypatch.setattr(type(counters.get_counter_store("default")), "waits", lambda store, limits: fail(limits))
    page = desk.get(f"{LIST}{make().pk}/change/").text
    assert "The limits can't be read at the moment" in page
