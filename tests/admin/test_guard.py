"""Blocked requests: their list, their pages, and the links from verifications."""

import csv
import io
import re
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from django_ding.codes import get_code
from django_ding.exceptions import RateLimited
from django_ding.models import Lockout, Refusal
from django_ding.services import send
from tests.admin.helpers import LIST, LOCKOUTS, REFUSALS, finds_nothing, permit, search, shown

OTHER = "+33612345679"


def without_tags(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page.text))


@pytest.fixture
def hidden(agent):
    """Take the permission to view refusals from the agent."""
    agent.user_permissions.remove(agent.user_permissions.get(codename="view_refusal"))


def test_list_columns(desk, refuse, user):
    refuse(5, reason="ip", user=user, count=3)
    page = desk.get(REFUSALS).text
    for text in ("+33*******78", 'aria-label="France"', "alice", "Rate limit: per IP address", "5 minutes ago"):
        assert text in page
    assert '<td class="field-refusal_count">3 requests</td>' in page


def test_list_is_newest_first(desk, refuse):
    rows = [refuse(minutes, reason=reason) for minutes, reason in ((70, "phone"), (200, "phone"), (5, "ip"))]
    assert shown(desk.get(REFUSALS)) == [rows[2].pk, rows[0].pk, rows[1].pk]


@pytest.mark.parametrize(("name", "value"), [("reason", "conversion"), ("country", "GB"), ("hour__lt", "2026-06-01")])
def test_filter(desk, refuse, name, value):
    refuse(phone_number=OTHER)
    given = {"hour__lt": {"hour": datetime.fromisoformat("2026-05-31T23:00+00:00"), "reason": "ip"}}
    wanted = refuse(**given.get(name, {name: value}))
    assert shown(desk.get(REFUSALS, {name: value})) == [wanted.pk]


def test_filters_name_countries_and_reasons(desk, refuse):
    refuse()
    refuse(phone_number="+447400123456", country="GB")
    page = desk.get(REFUSALS).text
    for text in (">France<", ">United Kingdom<", ">Blocked: low conversion (possible SMS pumping)<"):
        assert text in page


@pytest.mark.parametrize("typed", ["06 12 34 56 78", "0033612345678", "+33 6 12 34 56 78"])
def test_search_by_number(desk, refuse, typed):
    rows = [refuse(130), refuse(5)]
    refuse(phone_number=OTHER)
    url = search(desk, typed, REFUSALS)
    assert url == f"{REFUSALS}?same_number_as={rows[1].pk}"
    assert shown(desk.get(url)) == [rows[1].pk, rows[0].pk]


def test_search_by_user(desk, refuse, user):
    wanted = refuse(user=user)
    refuse(phone_number=OTHER)
    url = search(desk, "alice", REFUSALS)
    assert url == f"{REFUSALS}?user={user.pk}"
    assert shown(desk.get(url)) == [wanted.pk]


def test_file(desk, agent, refuse, user):
    refuse(5, lasting=2, count=2, user=user)
    line = {
        "phone_number": "'+33*******78",
        "country": "FR",
        "user": "alice",
        "reason": "phone",
        "count": "2",
        "first_at": "2026-06-01T11:53:00Z",
        "last_at": "2026-06-01T11:55:00Z",
    }
    answer = desk.get(f"{REFUSALS}export/?country=FR")
    assert answer["Content-Disposition"] == 'attachment; filename="refusals.csv"'
    assert list(csv.DictReader(io.StringIO(answer.getvalue().decode()))) == [line]
    permit(agent, "view_full_phone")
    assert "'+33612345678" in desk.get(f"{REFUSALS}export/").getvalue().decode()


def test_list_makes_as_many_queries_with_5_and_500_rows(desk, refuse, user):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert desk.get(REFUSALS).status_code == 200
        return [query["sql"] for query in captured]

    def add(count, start):
        like = refuse(reason=f"r{start}", user=user)
        Refusal.objects.bulk_create(
            Refusal(**{**vars_of(like), "phone_number": f"+3360000{start + n:04}"}) for n in range(count)
        )

    add(5, 0)
    queries()
    before = queries()
    add(500, 10)
    after = queries()
    assert len(before) == len(after) <= 12
    assert not [sql for sql in after if "COUNT(*)" in sql and "LIMIT" not in sql]


def vars_of(row):
    return {name: value for name, value in vars(row).items() if name not in ("_state", "id")}


def test_page_explains_the_block_and_gives_advice(desk, refuse, user):
    row = refuse(5, lasting=7, count=4, user=user, ip="192.0.2.7", reason="conversion")
    text = without_tags(desk.get(f"{REFUSALS}{row.pk}/change/"))
    assert "Blocked by fraud protection (low conversion, possible SMS pumping), 4 times within 7 min." in text
    assert "have the block lifted" in text
    for fact in ("+33*******78", "France", "alice", "192.0.2.7", "conversion"):
        assert fact in text


def test_page_links_to_the_number_and_the_user(desk, refuse, make, user):
    row, authentication = refuse(user=user), make()
    page = desk.get(f"{REFUSALS}{row.pk}/change/").text
    assert f'href="{REFUSALS}?same_number_as={row.pk}"' in page
    assert f'href="{REFUSALS}?user={user.pk}"' in page
    assert f'href="{LIST}?same_number_as_refusal={row.pk}"' in page
    assert shown(desk.get(f"{LIST}?same_number_as_refusal={row.pk}")) == [authentication.pk]


def test_page_that_does_not_exist(desk, db):
    assert desk.get(f"{REFUSALS}0/change/").url == REFUSALS
    assert "This blocked request doesn&#x27;t exist." in desk.get(REFUSALS).text


@pytest.mark.parametrize("reason", [*Refusal.Reason.values, "invalid_phone_number"])
def test_every_reason_is_explained(reason):
    code = get_code(reason)
    assert code.explanation
    assert code.advice


# From authentications


def test_search_for_a_number_that_was_only_refused(desk, refuse):
    row = refuse()
    url = search(desk, "06 12 34 56 78")
    assert url == f"{LIST}?same_number_as_refusal={row.pk}"
    page = desk.get(url)
    assert shown(page) == []
    assert "No verifications, but requests were blocked." in page.text
    assert f'href="{REFUSALS}?same_number_as={row.pk}"' in page.text
    assert "+33*******78" in page.text


def test_list_of_a_number_or_a_user_links_to_refusals(desk, make, refuse, user):
    authentication, row = make(user=user), refuse(user=user)
    for query, target in [
        (f"same_number_as={authentication.pk}", f"same_number_as_authentication={authentication.pk}"),
        (f"user={user.pk}", f"user={user.pk}"),
    ]:
        page = desk.get(f"{LIST}?{query}").text
        assert "Requests were also blocked." in page
        assert f'href="{REFUSALS}?{target}"' in page
        assert shown(desk.get(f"{REFUSALS}?{target}")) == [row.pk]


def test_list_links_to_no_other_refusals(desk, make, refuse, user):
    authentication = make(user=user)
    refuse(phone_number=OTHER)
    for query in ("", f"?same_number_as={authentication.pk}", f"?user={user.pk}", "?same_number_as=0"):
        page = desk.get(f"{LIST}{query}").text
        assert "requests were blocked" not in page
        assert "Requests were also blocked" not in page


def test_refusals_need_the_permission(desk, hidden, make, refuse):
    authentication, row = make(), refuse()
    refuse(phone_number=OTHER)
    assert "requests were also blocked" not in desk.get(f"{LIST}?same_number_as={authentication.pk}").text.lower()
    finds_nothing(desk, OTHER)
    assert shown(desk.get(f"{LIST}?same_number_as_refusal={row.pk}")) == []
    assert REFUSALS not in desk.get(f"{LIST}{authentication.pk}/change/").text


def test_authentications_need_the_permission(desk, agent, make, refuse):
    authentication, row = make(), refuse()
    agent.user_permissions.remove(agent.user_permissions.get(codename="view_authentication"))
    assert LIST not in desk.get(f"{REFUSALS}{row.pk}/change/").text
    assert shown(desk.get(f"{REFUSALS}?same_number_as_authentication={authentication.pk}")) == []


def test_page_has_the_refusals_around_it(desk, make, refuse):
    row = make(created_at=timezone.now() - timedelta(hours=3))
    for minutes, reason in ((245, "ip"), (200, "phone"), (175, "user"), (115, "prefix"), (105, "all")):
        refuse(minutes, reason=reason)
    refuse(178, phone_number=OTHER, reason="country")
    page = desk.get(f"{LIST}{row.pk}/change/")
    assert [(entry.since, entry.text.sentence) for entry in page.context["refusals"]] == [
        ("−20 min", "Blocked by rate limit (per number)."),
        ("+5 min", "Blocked by rate limit (per user)."),
        ("+1 h 5 min", "Blocked by rate limit (per prefix)."),
    ]
    assert f'href="{REFUSALS}?same_number_as_authentication={row.pk}"' in page.text


def test_page_links_to_refusals_of_another_time(desk, make, refuse):
    row = make()
    refuse(3000)
    page = desk.get(f"{LIST}{row.pk}/change/").text
    assert "None around that time." in page
    assert f'href="{REFUSALS}?same_number_as_authentication={row.pk}"' in page


def test_page_without_refusals(desk, make):
    assert 'id="ding-refusals"' not in desk.get(f"{LIST}{make().pk}/change/").text


def test_refusal_of_a_real_send(own_counters, clock, outbox, desk, phone, user, settings):
    settings.DING = {**settings.DING, "RATE_LIMITS": {"send": "1/h/phone"}}
    row = send(phone, user=user).authentication
    clock.shift(700)
    for _ in range(2):
        with pytest.raises(RateLimited):
            send(phone, user=user)
        clock.shift(60)
    text = without_tags(desk.get(f"{LIST}{row.pk}/change/"))
    assert "A later request was blocked (rate limit: per number)." in text
    assert "Blocked by rate limit (per number), 2 times within 1 min." in text


def test_row_about_several_numbers(desk, refuse):
    row = refuse(phone_number="", country="", prefix="", reason="ip", ip="192.0.2.7", count=9)
    assert "various numbers</bdi>" in desk.get(REFUSALS).text
    page = without_tags(desk.get(f"{REFUSALS}{row.pk}/change/"))
    assert "Blocked requests to \u2066various numbers\u2069" in page
    assert "192.0.2.7" in page
    assert "of this number" not in page
    assert "to this number" not in page


# Lockouts


@pytest.fixture
def lockout(clock, phone):
    return Lockout.objects.create(
        scope="phone", requester_type="login", phone_number=phone, wrong_codes=75, active_key="key"
    )


def test_lockouts_are_found_by_number_and_lifted(desk, agent, lockout, phone):
    permit(agent, "view_lockout", "lift_lockout")
    found = search(desk, phone, LOCKOUTS)
    assert phone not in found
    assert shown(desk.get(found)) == [lockout.pk]
    assert "phone number: login by number" in without_tags(desk.get(LOCKOUTS))
    page = without_tags(desk.get(f"{LOCKOUTS}{lockout.pk}/change/"))
    assert "No codes are accepted for this number: 75 incorrect codes were entered in a row." in page
    desk.post(f"{LOCKOUTS}lift-lockout/", {"pk": lockout.pk})
    lockout.refresh_from_db()
    assert (lockout.active_key, lockout.lifted_at) == (None, timezone.now())
    assert "lift-lockout/?pk=" not in desk.get(f"{LOCKOUTS}{lockout.pk}/change/").text


def test_lockout_is_masked_and_stays_without_permissions(desk, agent, lockout, phone):
    permit(agent, "view_lockout")
    for url in (LOCKOUTS, f"{LOCKOUTS}{lockout.pk}/change/"):
        page = desk.get(url).text
        assert "+33*******78" in page
        assert phone not in page
        assert "Lift lockout" not in page
    assert desk.post(f"{LOCKOUTS}lift-lockout/", {"pk": lockout.pk}).status_code == 403
