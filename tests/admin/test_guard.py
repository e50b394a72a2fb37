"""What the guard refused: its list, its pages, and where authentications lead to them."""

import csv
import io
import re
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from django_ding.admin.events.explaining import explain
from django_ding.admin.events.headline import headline
from django_ding.exceptions import RateLimited
from django_ding.models import Refusal
from django_ding.services import send
from tests.admin.conftest import LIST, REFUSALS, permit
from tests.admin.test_lists import shown
from tests.admin.test_search import search

OTHER = "+33612345679"


def without_tags(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page.text))


@pytest.fixture
def hidden(agent):
    """Take from the agent what lets see refusals."""
    agent.user_permissions.remove(agent.user_permissions.get(codename="view_refusal"))


def test_list_tells_of_each(desk, refuse, user):
    refuse(5, reason="ip", user=user, count=3)
    page = desk.get(REFUSALS).text
    for text in ("+33*******78", 'aria-label="France"', "alice", "too many codes from the address", "5\xa0minutes ago"):
        assert text in page
    assert '<td class="field-count">3</td>' in page


def test_list_is_newest_first(desk, refuse):
    rows = [refuse(minutes, reason=reason) for minutes, reason in ((70, "phone"), (200, "phone"), (5, "ip"))]
    assert shown(desk.get(REFUSALS)) == [rows[2].pk, rows[0].pk, rows[1].pk]


@pytest.mark.parametrize(("name", "value"), [("reason", "conversion"), ("country", "GB"), ("date", "2026-05-31")])
def test_filter(desk, refuse, name, value):
    refuse(phone_number=OTHER)
    given = {"date": {"hour": datetime.fromisoformat("2026-05-31T23:00+00:00"), "reason": "ip"}}
    wanted = refuse(**given.get(name, {name: value}))
    assert shown(desk.get(REFUSALS, {name: value})) == [wanted.pk]


def test_filters_name_countries_and_reasons(desk, refuse):
    refuse()
    refuse(phone_number="+447400123456", country="GB")
    page = desk.get(REFUSALS).text
    for text in (">France<", ">United Kingdom<", ">codes there are blocked, since too few were entered<"):
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


def test_page_tells_why_and_what_to_say(desk, refuse, user):
    row = refuse(5, lasting=7, count=4, user=user, ip="192.0.2.7", reason="conversion")
    text = without_tags(desk.get(f"{REFUSALS}{row.pk}/change/"))
    assert "The guard refused 4 codes within 7 min: codes there are blocked" in text
    assert "have the block lifted" in text
    for fact in ("+33*******78", "France", "alice", "192.0.2.7", "conversion"):
        assert fact in text


def test_page_leads_to_what_else_there_is(desk, refuse, make, user):
    row, authentication = refuse(user=user), make()
    page = desk.get(f"{REFUSALS}{row.pk}/change/").text
    assert f'href="{REFUSALS}?same_number_as={row.pk}"' in page
    assert f'href="{REFUSALS}?user={user.pk}"' in page
    assert f'href="{LIST}?same_number_as_refusal={row.pk}"' in page
    assert shown(desk.get(f"{LIST}?same_number_as_refusal={row.pk}")) == [authentication.pk]


def test_page_of_nothing(desk, db):
    assert desk.get(f"{REFUSALS}0/change/").url == REFUSALS
    assert "There is no such refusal." in desk.get(REFUSALS).text


@pytest.mark.parametrize("reason", [*Refusal.Reason.values, "invalid_phone_number"])
def test_every_reason_is_explained(reason):
    words = explain(reason)
    assert str(words.reason) != str(explain("brand_new").reason)
    assert words.advice


# From authentications


def test_search_for_a_number_that_was_only_refused(desk, refuse):
    row = refuse()
    url = search(desk, "06 12 34 56 78")
    assert url == f"{LIST}?same_number_as_refusal={row.pk}"
    page = desk.get(url)
    assert shown(page) == []
    assert "There is nothing here, but the guard refused codes." in page.text
    assert f'href="{REFUSALS}?same_number_as={row.pk}"' in page.text
    assert "+33*******78" in page.text


def test_list_of_a_number_or_a_user_tells_of_refusals(desk, make, refuse, user):
    authentication, row = make(user=user), refuse(user=user)
    for query, target in [
        (f"same_number_as={authentication.pk}", f"same_number_as_authentication={authentication.pk}"),
        (f"user={user.pk}", f"user={user.pk}"),
    ]:
        page = desk.get(f"{LIST}?{query}").text
        assert "The guard refused codes, too" in page
        assert f'href="{REFUSALS}?{target}"' in page
        assert shown(desk.get(f"{REFUSALS}?{target}")) == [row.pk]


def test_list_tells_of_no_other_refusals(desk, make, refuse, user):
    authentication = make(user=user)
    refuse(phone_number=OTHER)
    for query in ("", f"?same_number_as={authentication.pk}", f"?user={user.pk}", "?same_number_as=0"):
        assert "The guard refused" not in desk.get(f"{LIST}{query}").text


def test_refusals_are_for_those_who_may_see_them(desk, hidden, make, refuse):
    authentication, row = make(), refuse()
    refuse(phone_number=OTHER)
    assert "the guard refused" not in desk.get(f"{LIST}?same_number_as={authentication.pk}").text.lower()
    assert search(desk, OTHER) == LIST
    assert shown(desk.get(f"{LIST}?same_number_as_refusal={row.pk}")) == []
    assert REFUSALS not in desk.get(f"{LIST}{authentication.pk}/change/").text


def test_authentications_are_for_those_who_may_see_them(desk, agent, make, refuse):
    authentication, row = make(), refuse()
    agent.user_permissions.remove(agent.user_permissions.get(codename="view_authentication"))
    assert LIST not in desk.get(f"{REFUSALS}{row.pk}/change/").text
    assert shown(desk.get(f"{REFUSALS}?same_number_as_authentication={authentication.pk}")) == []


def test_story_tells_of_refusals_near_it(desk, make, refuse):
    row = make(created_at=timezone.now() - timedelta(hours=3))
    for minutes, reason in ((245, "ip"), (200, "phone"), (175, "user"), (115, "prefix"), (105, "all")):
        refuse(minutes, reason=reason)
    refuse(178, phone_number=OTHER, reason="country")
    page = desk.get(f"{LIST}{row.pk}/change/")
    told = [
        (line.since, line.told.sentence.removeprefix("The guard refused a code: ")) for line in page.context["refusals"]
    ]
    assert told == [
        ("−20 min", "too many codes to the number."),
        ("+5 min", "too many codes for the user."),
        ("+1 h 5 min", "too many codes to the prefix."),
    ]
    assert f'href="{REFUSALS}?same_number_as_authentication={row.pk}"' in page.text


def test_story_leads_to_refusals_of_another_time(desk, make, refuse):
    row = make()
    refuse(3000)
    page = desk.get(f"{LIST}{row.pk}/change/").text
    assert "Nothing near that time." in page
    assert f'href="{REFUSALS}?same_number_as_authentication={row.pk}"' in page


def test_story_without_refusals(desk, make):
    assert "guard" not in desk.get(f"{LIST}{make().pk}/change/").text


def test_headline_takes_a_later_refusal_into_account(make, refuse):
    row, later = make(), refuse(0)
    told = headline(row, [], [later])
    assert told.sentence == (
        "The code was sent, and nothing is known of its delivery. "
        "Later the guard refused another one: too many codes to the number."
    )
    assert told.advice.endswith("Tell the user to wait an hour before asking for another one.")


def test_headline_leaves_out_what_came_before_or_does_not_matter(make, refuse):
    row, before, later = make(), refuse(30), refuse(0, reason="user")
    assert "guard" not in headline(row, [], [before]).sentence
    done = make(status="validated", validated_at=timezone.now())
    assert "guard" not in headline(done, [], [later]).sentence


def test_refusal_of_a_real_send(own_counters, clock, outbox, desk, phone, user, settings):
    settings.DING = {**settings.DING, "RATES": {"send": "1/h/phone"}}
    row = send(phone, user=user)
    clock.shift(700)
    for _ in range(2):
        with pytest.raises(RateLimited):
            send(phone, user=user)
        clock.shift(60)
    text = without_tags(desk.get(f"{LIST}{row.pk}/change/"))
    assert "Later the guard refused another one: too many codes to the number." in text
    assert "The guard refused 2 codes within 1 min: too many codes to the number." in text
