from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_ding.exceptions import InputError, RateLimited
from django_ding.flows import _daily_counts, rollup
from django_ding.models import Authentication, DailyStatistics, DailyStatisticsItem, Event, Refusal
from django_ding.services import check, roll_up, send
from django_ding.testing import sandbox
from tests.helpers import at_once

pytestmark = pytest.mark.django_db

TODAY = date(2026, 6, 1)  # The clock's.
YESTERDAY = TODAY - timedelta(days=1)
MONTH_AGO = TODAY - timedelta(days=30)


def sent(day=TODAY, at=time(11), **fields):
    created_at = datetime.combine(day, at, tzinfo=UTC)
    if fields.get("status") == "validated":
        fields.setdefault("validated_at", created_at + timedelta(seconds=12))
    defaults = {"phone_number": "+33612345678", "prefix": "+3361234", "country": "FR", "status": "pending"}
    return Authentication.objects.create(**defaults | fields, created_at=created_at, expires_at=created_at)


def refused(day=TODAY, at=time(11), **fields):
    hour = datetime.combine(day, at, tzinfo=UTC)
    defaults = {"phone_number": "+33612345678", "reason": "phone"}
    return Refusal.objects.create(**defaults | fields, hour=hour, first_at=hour, last_at=hour)


def outdated_days(**options):
    return list(roll_up(dry_run=True, **options).days)


def stop(done):
    raise KeyboardInterrupt


def with_event(authentication, **fields):
    """Record an event of something that is known now, and return the row."""
    Event.objects.create(authentication=authentication, type="delivery_status", status="delivered", **fields)
    return authentication


def statistics_of(day):
    return DailyStatistics.objects.values_list("sends", "delivered", "validated").get(day=day)


def items(kind, day=TODAY):
    rows = DailyStatisticsItem.objects.filter(day=day, kind=kind)
    return {row.name: (row.count, row.delivered, row.validated) for row in rows}


def counts(kind, day=TODAY):
    return {name: count for name, (count, *_) in items(kind, day).items()}


# Equal to the raw count.


def scattered(days, number):
    """Make rows of all kinds over some days, the first and last microseconds of which are among them."""
    random = Random(number)  # noqa: S311
    edges = [time.min, time.max, time(23, 59, 59), time(0, 0, 1)]
    for _ in range(number):
        begun = datetime.combine(random.choice(days), random.choice([*edges, time(9, 30)]), tzinfo=UTC)
        status = random.choice(Authentication.Status.values)
        wait = timedelta(microseconds=random.randrange(900_000_000))
        yield Authentication(
            phone_number="+33612345678",
            prefix=random.choice(["", "+3361234", "+3361235", "+1202555"]),
            country=random.choice(["", "FR", "US"]),
            status=status,
            created_at=begun,
            expires_at=begun + timedelta(minutes=15),
            validated_at=begun + wait if status == "validated" else None,
            channel=random.choice(["", "sms", "whatsapp"]),
            carrier=random.choice(["", "20801", "20810"]),
            backend=random.choice(["default", "prelude"]),
            delivery_status=random.choice(["", "submitted", "delivered", "undeliverable"]),
            error_code=random.choice(["", "answer_lost", "unavailable"]) if status == "failed" else "",
            price_amount=random.choice([None, Decimal(random.randrange(10**6)) / 10**6]),
            price_currency=random.choice(["", "EUR", "USD"]),
        )


def scattered_refusals(days, number):
    """Make refusals over some days, in the first and last hours of which are some."""
    random = Random(number)  # noqa: S311
    for n in range(number):
        hour = datetime.combine(random.choice(days), time(random.choice([0, 9, 23])), tzinfo=UTC)
        reason = random.choice([*Refusal.Reason.values, "invalid_phone_number"])
        times = {"hour": hour, "first_at": hour, "last_at": hour + timedelta(minutes=59, seconds=59)}
        yield Refusal(phone_number=f"+1{n}", reason=reason, count=random.randrange(1, 50), **times)


def counted(rows, refusals):
    """Count rows the plain way: ``{(kind, name): [count, delivered, validated, amount]}``."""
    found = defaultdict(lambda: [0, 0, 0, Decimal(0)])

    def add(kind, name, *, row=None, amount=Decimal(0)):
        delivered = row is not None and row.delivery_status == "delivered"
        validated = row is not None and row.status == "validated"
        found[kind, name] = [a + b for a, b in zip(found[kind, name], [1, delivered, validated, amount], strict=True)]

    for row in rows:
        if row.status in ("pending", "unknown", "validated", "expired"):
            for kind in ("country", "channel", "carrier", "backend", "prefix"):
                add(kind, getattr(row, kind), row=row)
        if row.status == "validated":
            add("seconds", str((row.validated_at - row.created_at) // timedelta(seconds=1)))
        if row.status in ("rate_limited", "spam_detected", "failed"):
            add("reason", row.error_code or row.status)
        if row.price_amount is not None:
            add("currency", row.price_currency, amount=row.price_amount)
    for refusal in refusals:
        for _ in range(refusal.count):
            add("guard", refusal.reason)
    return found


def test_statistics_are_those_of_the_rows(clock):
    days = [TODAY - timedelta(days=n) for n in range(5)]
    Authentication.objects.bulk_create(scattered(days, 2000))
    Refusal.objects.bulk_create(scattered_refusals(days, 500))
    assert roll_up().rolled_up == 5
    rows, refusals = defaultdict(list), defaultdict(list)
    for row in Authentication.objects.all():
        rows[row.created_at.astimezone(UTC).date()].append(row)
    for refusal in Refusal.objects.all():
        refusals[refusal.hour.astimezone(UTC).date()].append(refusal)
    for day in days:
        kept = {
            (item.kind, item.name): [item.count, item.delivered, item.validated, item.amount]
            for item in DailyStatisticsItem.objects.filter(day=day)
        }
        assert kept == counted(rows[day], refusals[day])
        known = [row for row in rows[day] if row.status in ("pending", "unknown", "validated", "expired")]
        delivered = sum(row.delivery_status == "delivered" for row in known)
        assert statistics_of(day) == (len(known), delivered, sum(row.status == "validated" for row in known))
        statistics = DailyStatistics.objects.get(day=day)
        assert (statistics.authentications, statistics.refusals) == (len(rows[day]), len(refusals[day]))


def test_statistics_of_the_services(clock, outbox):
    authentication = send("+33612345678").authentication
    send("+12025550100")
    clock.shift(42)
    check(authentication, next(message.code for message in outbox if message.phone_number == "+33612345678"))
    roll_up()
    assert statistics_of(TODAY)[::2] == (2, 1)
    assert counts("seconds") == {"42": 1}
    assert counts("prefix") == {"+3361234": 1, "+1202555": 1}


def test_statistics_of_what_the_guard_refuses(own_counters, clock):
    with sandbox(RATE_LIMITS={"send": "1/h/phone"}, BLOCKED_COUNTRIES=["US"]):
        send("+33612345678", purpose="reset")
        for number in ["+33612345678"] * 3 + ["+12025550100"] * 2:
            with pytest.raises((InputError, RateLimited)):
                send(number)
    roll_up()
    assert counts("guard") == {"phone": 3, "unsupported_region": 2}
    assert counts("reason") == {}
    assert statistics_of(TODAY)[0] == 1


def test_a_day_is_one_in_utc_whatever_the_time_zone(clock, settings):
    settings.TIME_ZONE = "Pacific/Auckland"
    sent(YESTERDAY, time.max)
    sent(TODAY, time.min)
    refused(YESTERDAY, time(23), count=2)
    refused(TODAY, time(0), count=3)
    roll_up()
    assert statistics_of(YESTERDAY)[0] == statistics_of(TODAY)[0] == 1
    assert (counts("guard", YESTERDAY), counts("guard")) == ({"phone": 2}, {"phone": 3})


def test_busiest_prefixes_are_kept(clock):
    busy = [f"+1{n:04}" for n in range(_daily_counts.MAX_PREFIXES)]
    quiet = ["+331", "+332"]
    moment = datetime.combine(TODAY, time(11), tzinfo=UTC)
    Authentication.objects.bulk_create(
        Authentication(
            phone_number=prefix, prefix=prefix, country="FR", status="pending", created_at=moment, expires_at=moment
        )
        for prefix in [*quiet, *busy, *busy]
    )
    roll_up()
    assert counts("prefix") == dict.fromkeys(busy, 2)
    assert statistics_of(TODAY)[0] == 2 * len(busy) + len(quiet)


# Which days.


def test_nothing_yet_is_a_day_without_statistics(clock):
    assert outdated_days() == [TODAY]
    roll_up()
    assert statistics_of(TODAY) == (0, 0, 0)
    assert not DailyStatisticsItem.objects.exists()


def test_first_run_counts_every_day_since_the_first(clock):
    sent(MONTH_AGO)
    assert outdated_days() == [MONTH_AGO + timedelta(days=n) for n in range(31)]
    assert roll_up(dry_run=True).total == 31
    assert not DailyStatistics.objects.exists()
    done = roll_up()
    assert (done.rolled_up, done.total) == (31, 31)
    assert statistics_of(MONTH_AGO)[0] == 1


def test_first_day_may_have_nothing_but_refusals(clock):
    refused(YESTERDAY)
    refused(MONTH_AGO)
    sent(YESTERDAY)
    assert roll_up().rolled_up == 31
    assert counts("guard", MONTH_AGO) == {"phone": 1}


def test_later_runs_count_recent_days_and_those_since_the_last_run(clock):
    sent(MONTH_AGO)
    roll_up()
    assert outdated_days() == [TODAY - timedelta(days=n) for n in (2, 1, 0)]
    clock.shift(timedelta(days=7))
    assert outdated_days() == [TODAY + timedelta(days=n) for n in range(8)]


def test_refusals_of_the_rest_of_the_day_are_counted_however_late_the_next_run(clock):
    roll_up()
    refused(TODAY, time(22))
    clock.shift(timedelta(days=7))
    roll_up()
    assert counts("guard") == {"phone": 1}


def test_days_never_counted_are_found(clock):
    roll_up()
    sent(MONTH_AGO)
    assert outdated_days() == [MONTH_AGO + timedelta(days=n) for n in range(31)]


def test_late_news_are_counted_where_they_belong(clock):
    authentication = sent(MONTH_AGO)
    roll_up()
    assert statistics_of(MONTH_AGO) == (1, 0, 0)
    Authentication.objects.update(delivery_status="delivered")
    with_event(authentication)
    assert MONTH_AGO in outdated_days()
    roll_up()
    assert statistics_of(MONTH_AGO) == (1, 1, 0)


def test_old_news_are_not_counted_again(clock):
    with_event(sent(MONTH_AGO))
    with_event(sent(), pk=Event.objects.get().pk + 2 * rollup._UNCOMMITTED)
    roll_up()
    assert MONTH_AGO not in outdated_days()


def test_since_counts_that_day_and_all_after_it(clock):
    sent(MONTH_AGO)
    roll_up()
    Authentication.objects.update(delivery_status="delivered")
    begin = MONTH_AGO - timedelta(days=3)
    assert len(outdated_days(since=begin)) == 31
    roll_up(since=begin)
    assert statistics_of(MONTH_AGO) == (1, 1, 0)
    assert outdated_days(since=YESTERDAY) == [YESTERDAY, TODAY]


def test_since_leaves_news_of_other_days_to_the_next_run(clock):
    authentication = sent(MONTH_AGO)
    roll_up()
    with_event(authentication)
    roll_up(since=TODAY)
    assert MONTH_AGO in outdated_days()


def test_since_must_not_be_in_the_future(clock):
    with pytest.raises(ValueError, match="2026-06-02 is in the future"):
        roll_up(since=TODAY + timedelta(days=1))


# Again, and after rows are gone.


def test_again_replaces_what_was_there(clock):
    authentication = sent(channel="sms", status="failed", error_code="answer_lost")
    roll_up()
    assert counts("reason") == {"answer_lost": 1}
    Authentication.objects.filter(pk=authentication.pk).update(status="pending", error_code="")
    for _ in range(2):
        roll_up()
        assert counts("reason") == {}
        assert items("channel") == {"sms": (1, 0, 0)}
        assert statistics_of(TODAY) == (1, 0, 0)


def test_purged_day_keeps_its_statistics(clock):
    rows = [sent(MONTH_AGO, channel="sms") for _ in range(3)]
    roll_up()
    rows[0].delete()
    Authentication.objects.update(delivery_status="delivered")
    with_event(rows[1])
    assert roll_up().kept == 1
    Authentication.objects.all().delete()
    sent(MONTH_AGO - timedelta(days=1))
    assert roll_up(since=MONTH_AGO).kept == 1
    assert statistics_of(MONTH_AGO) == (3, 0, 0)
    assert items("channel", MONTH_AGO) == {"sms": (3, 0, 0)}


def test_statistics_of_lost_refusals_are_kept_beside_new_ones_of_authentications(clock):
    refused(count=3)
    roll_up()
    Refusal.objects.all().delete()
    sent()
    assert roll_up().kept == 1
    assert counts("guard") == {"phone": 3}
    assert statistics_of(TODAY) == (1, 0, 0)


def test_statistics_of_lost_authentications_are_kept_beside_new_ones_of_refusals(clock):
    sent(status="failed")
    roll_up()
    Authentication.objects.all().delete()
    refused(count=3)
    assert roll_up().kept == 1
    assert counts("reason") == {"failed": 1}
    assert counts("guard") == {"phone": 3}


def test_run_that_is_stopped_is_taken_up_by_the_next_one(clock):
    for day in (MONTH_AGO, YESTERDAY):
        sent(day)

    with pytest.raises(KeyboardInterrupt):
        roll_up(on_progress=stop)
    assert DailyStatistics.objects.get().day == MONTH_AGO
    assert roll_up().rolled_up == 31
    assert statistics_of(YESTERDAY)[0] == 1


def test_news_of_a_stopped_run_are_not_forgotten(clock):
    authentication = sent(MONTH_AGO)
    roll_up()
    with_event(authentication)
    with pytest.raises(KeyboardInterrupt):
        roll_up(on_progress=stop)
    with_event(sent(TODAY))
    assert MONTH_AGO in outdated_days()


def test_crash_inside_a_day_leaves_its_former_statistics(clock):
    sent(channel="sms")
    roll_up()
    sent(channel="sms")

    def crash(execute, sql, *rest):
        if sql.startswith("INSERT INTO") and "dailystatisticsitem" in sql:
            raise SystemError
        return execute(sql, *rest)

    with connection.execute_wrapper(crash), pytest.raises(SystemError):
        roll_up()
    assert statistics_of(TODAY) == (1, 0, 0)
    assert items("channel") == {"sms": (1, 0, 0)}


def test_day_that_a_crash_left_half_begun_is_counted(clock):
    sent(MONTH_AGO)
    roll_up()
    DailyStatistics.objects.filter(day=MONTH_AGO).update(rolled_up_at=None)
    assert MONTH_AGO in outdated_days()


def test_statements_are_the_same_for_few_and_many_rows(clock):
    def statements():
        with CaptureQueriesContext(connection) as captured:
            roll_up(since=TODAY)
        return len(captured)

    Authentication.objects.bulk_create(scattered([TODAY], 5))
    Refusal.objects.bulk_create(scattered_refusals([TODAY], 5))
    statements()
    few = statements()
    Authentication.objects.bulk_create(scattered([TODAY], 400))
    Refusal.objects.bulk_create(list(scattered_refusals([TODAY], 400))[5:])
    assert statements() - few <= 1  # One more INSERT of items.


def _sent_on(day):
    return _daily_counts.authentications_of(day).filter(status__in=Authentication.SENT_STATUSES)


@pytest.mark.parametrize(
    ("rows_of", "index"),
    [
        (_daily_counts.authentications_of, "django_ding_auth_created"),
        (_sent_on, "django_ding_auth_"),
        (_daily_counts.refusals_of, "django_ding_refusal_hour"),
    ],
)
def test_rows_of_a_day_are_found_by_an_index(clock, rows_of, index):
    if connection.vendor != "sqlite":
        pytest.skip("the words of SQLite's query plans")
    plan = rows_of(TODAY).explain()
    assert index in plan
    assert "SCAN" not in plan


@pytest.mark.django_db(transaction=True)
def test_many_at_once_write_each_day_once(clock):
    days = [TODAY - timedelta(days=n) for n in range(4)]
    rows = list(scattered(days, 300))
    refusals = list(scattered_refusals(days, 100))
    Authentication.objects.bulk_create(rows)
    Refusal.objects.bulk_create(refusals)
    runs = at_once(*[roll_up] * 6)
    assert max(done.rolled_up for done in runs) == 4  # One that begins late finds the oldest day counted.
    assert sum(done.kept for done in runs) == 0
    for day in days:
        kept = {(item.kind, item.name): item.count for item in DailyStatisticsItem.objects.filter(day=day)}
        mine = [row for row in rows if row.created_at.date() == day]
        my_refusals = [row for row in refusals if row.hour.date() == day]
        assert kept == {key: count for key, (count, *_) in counted(mine, my_refusals).items()}
