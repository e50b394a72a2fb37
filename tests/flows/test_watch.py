from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from django_ding import signals
from django_ding.flows.watch import upper_bound
from django_ding.models import Authentication, DailyStatistics, DailyStatisticsItem
from django_ding.services import watch
from tests.helpers import Statements, received

pytestmark = pytest.mark.django_db

TODAY = date(2026, 6, 1)  # The clock's.
FRANCE, ORANGE, SFR = "FR", "20801", "20810"


@pytest.fixture
def week(clock):
    """Seven days of 100 codes each, 90 % delivered and 60 % entered, of one backend, country and carrier."""
    for days_ago in range(1, 8):
        usual_day(TODAY - timedelta(days=days_ago))


def usual_day(day, sends=100, delivered=90, validated=60):
    moment = datetime(2026, 6, 1, tzinfo=UTC)
    totals = {"delivered": delivered, "validated": validated}
    DailyStatistics.objects.create(day=day, sends=sends, rolled_up_at=moment, **totals)
    DailyStatisticsItem.objects.bulk_create(
        DailyStatisticsItem(day=day, kind=kind, name=name, count=sends, **totals)
        for kind, name in [("backend", "default"), ("country", FRANCE), ("carrier", ORANGE), ("carrier", "")]
    )


@pytest.fixture
def sent(clock):
    """Return a function that makes codes of some minutes ago."""

    def make(number, *, delivered=0, verified=0, minutes_ago=30, **fields):
        created_at = timezone.now() - timedelta(minutes=minutes_ago)
        defaults = {"phone_number": "+33612345678", "country": FRANCE, "carrier": ORANGE, "status": "expired"}
        rows = [
            Authentication(**defaults | fields, created_at=created_at, expires_at=created_at) for _ in range(number)
        ]
        for row in rows[:delivered]:
            row.delivery_status = "delivered"
        for row in rows[:verified]:
            row.status, row.validated_at = "validated", created_at
        Authentication.objects.bulk_create(rows)

    return make


def drops(**options):
    return [(drop.measure, drop.field, drop.value) for drop in watch(**options).drops]


def test_usual_shares_are_no_drops(week, sent):
    sent(100, delivered=85, verified=55)
    result = watch()
    assert (result.codes, result.usual_days, result.drops) == (100, 7, ())


def test_failing_carrier_is_found_among_others(week, sent):
    sent(200, delivered=180, verified=120, carrier="20820")
    sent(40, delivered=4, verified=20)
    [drop] = watch().drops
    assert (drop.measure, drop.field, drop.value, drop.codes) == ("delivery", "carrier", ORANGE, 40)
    assert (drop.share, drop.usual) == (0.1, 0.9)


def test_everything_that_dropped_is_named_the_worst_first(week, sent):
    sent(40, delivered=20, verified=2)
    fields = [("", ""), ("backend", "default"), ("country", FRANCE), ("carrier", ORANGE)]
    assert drops() == [(measure, *field) for measure in ("conversion", "delivery") for field in fields]


@pytest.mark.parametrize(("minutes", "counts"), [(14, False), (16, True), (74, True), (76, False)])
def test_codes_of_the_hour_before_the_last_quarter_count(week, sent, minutes, counts):
    sent(40, minutes_ago=minutes)
    assert bool(drops()) is counts


def test_codes_that_were_not_sent_do_not_count(week, sent):
    sent(40, status="failed")
    assert watch().codes == 0


def test_few_codes_mean_nothing(week, sent):
    sent(19)
    assert drops() == []
    assert drops(min_codes=19) != []


def test_small_drops_are_left_out(week, sent):
    sent(1000, delivered=750, verified=600)
    assert drops() == []
    assert {measure for measure, *_ in drops(min_drop=0.1)} == {"delivery"}


def test_what_chance_explains_is_left_out(week, sent):
    sent(20, delivered=14, verified=7)  # 70 % and 35 %, a drop of more than a fifth.
    assert drops() == []


def test_provider_without_delivery_reports_has_none_to_lose(clock, sent):
    usual_day(TODAY - timedelta(days=1), delivered=0)
    sent(100, verified=60)
    assert drops() == []


def test_codes_of_an_unknown_carrier_are_not_compared(week, sent):
    sent(200, delivered=200, verified=200)
    sent(40, carrier="")
    assert ("delivery", "carrier", "") not in drops()


@pytest.mark.parametrize(("days_ago", "days"), [(0, 0), (1, 1), (7, 1), (8, 0)])
def test_usual_are_the_seven_days_before_today(clock, sent, days_ago, days):
    usual_day(TODAY - timedelta(days=days_ago))
    sent(40)
    result = watch()
    assert (result.usual_days, bool(result.drops)) == (days, bool(days))


def test_drop_is_logged_and_sent(week, sent, caplog):
    sent(200, delivered=180, verified=120, carrier=SFR)
    sent(40, delivered=4, verified=20)
    with received(signals.outage_suspected) as heard:
        assert watch(dry_run=True).drops
        assert (heard, caplog.messages) == ([], [])
        [drop] = watch().drops
    assert heard == [{"signal": signals.outage_suspected, "sender": Authentication, "drop": drop}]
    assert caplog.messages == [
        "Suspected outage: delivery of carrier 20801 is 10% of 40 codes in the last hour, usually 90%."
    ]


def test_three_statements(week, sent):
    for country in ("FR", "US", "GB"):
        sent(30, country=country)
    with Statements() as statements:
        watch()
    assert len(statements) == 3


@pytest.mark.parametrize(
    # Wilson's upper limits with z = 4, computed by hand.
    ("count", "total", "bound"),
    [(0, 20, 0.444), (10, 20, 0.833), (20, 20, 1), (0, 1000, 0.0157), (500, 1000, 0.5627)],
)
def test_upper_bound(count, total, bound):
    assert upper_bound(count, total) == pytest.approx(bound, abs=0.001)
