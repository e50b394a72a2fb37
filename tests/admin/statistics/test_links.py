"""From the figures of the page to the rows that they count."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from django_ding.models import DailyStatistics
from django_ding.services import roll_up
from tests.helpers import create_authentication

pytestmark = pytest.mark.django_db

PAGE = "/admin/django_ding/dailystatistics/"
NOTE = "The verifications of this time have been deleted. The statistics still count them."


@pytest.fixture
def supporter(agent):
    """Alice, who may also view verifications."""
    agent.user_permissions.add(Permission.objects.get(codename="view_authentication"))
    return agent


@pytest.fixture
def rows(clock):
    """A French code of each of two carriers today, and one a week ago."""
    now = timezone.now()
    fields = {"country": "FR", "prefix": "+3363998", "status": "expired", "channel": "sms"}
    for number, carrier, days_ago in [("00", "20801", 0), ("01", "20810", 0), ("02", "20801", 7)]:
        created_at = now - timedelta(days=days_ago, minutes=30)
        create_authentication(created_at=created_at, phone_number=f"+336399800{number}", carrier=carrier, **fields)
    roll_up()


def links(client, section):
    html = client.get(f"{PAGE}?days=7").text
    found = re.search(rf'<section class="section {section}".*?</section>', html, re.DOTALL)[0]
    return [unescape(url) for url in re.findall(r'href="(/admin/[^"]*)"', found)]


def listed(client, url):
    """Return how many rows a list shows."""
    return client.get(url).context_data["cl"].result_count


@pytest.mark.parametrize(
    ("section", "counts"),
    [
        ("carriers", [1, 1]),
        ("carriers_now", [1, 1]),
        ("backends", [2]),
        ("backends_now", [2]),
        ("countries", [2]),
        ("channels", [2]),
    ],
)
def test_row_leads_to_what_it_counts(client, supporter, rows, section, counts):
    client.force_login(supporter)
    assert [listed(client, url) for url in links(client, section)] == counts


def test_columns_lead_to_their_days_and_hours(client, supporter, rows):
    client.force_login(supporter)
    # Seven columns and the seven rows of the table, the newest of which comes first.
    assert [listed(client, url) for url in links(client, "days")] == [0] * 6 + [2, 2] + [0] * 6
    assert sum(listed(client, url) for url in links(client, "hours")[:48]) == 2


def test_without_the_permission_there_are_no_links(client, agent, rows):
    client.force_login(agent)
    assert links(client, "days") == links(client, "carriers") == []


def test_list_says_that_rows_were_deleted(client, supporter, clock):
    client.force_login(supporter)
    day = datetime(2026, 1, 5, tzinfo=UTC)
    DailyStatistics.objects.create(day=day.date(), sends=3, rolled_up_at=day)
    create_authentication(created_at=timezone.now())
    url = "/admin/django_ding/authentication/?created_at__gte={}&created_at__lt={}"
    spans = [(day + timedelta(days=n), day + timedelta(days=n + 1)) for n in (0, 1)]
    texts = [client.get(url.format(*(m.strftime("%Y-%m-%dT%H:%M:%SZ") for m in span))).text for span in spans]
    assert [NOTE in text for text in texts] == [True, False]
