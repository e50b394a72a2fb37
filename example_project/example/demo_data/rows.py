"""Save the demo data, and delete it."""

from collections.abc import Iterator
from datetime import datetime
from operator import attrgetter
from random import Random

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q

from django_ding.models import (
    Authentication,
    AuthenticationQuerySet,
    Block,
    DailyStatistics,
    DailyStatisticsItem,
    Event,
    Lockout,
    LostPhoneNumber,
    PhoneNumber,
    RecoveryCode,
    Refusal,
    RememberedDevice,
)
from django_ding.phone import prefix
from example.demo_data import support
from example.demo_data.cases import GUESSED
from example.demo_data.people import ADDRESSES, AGENT, Person, new_user, usernames
from example.demo_data.places import JAMAICA
from example.demo_data.site import SEED, Site

_BATCH = 500


def exist() -> bool:
    """Return whether the database has demo data."""
    return _authentications().exists()


@transaction.atomic
def save(site: Site) -> None:
    """Save all rows of a site, or none."""
    _save_users(site)
    _save_support(site)
    # The lists of the admin are sorted by key, so the newest rows come last.
    PhoneNumber.objects.bulk_create(_numbers(site), _BATCH, ignore_conflicts=True)
    Block.objects.bulk_create(sorted([*site.blocks, *support.blocks(site.now)], key=attrgetter("created_at")))
    Refusal.objects.bulk_create(site.refusals)
    _save_authentications(site)
    Event.objects.bulk_create((event for timeline in site.timelines for event in timeline.events), _BATCH)


@transaction.atomic
def delete() -> None:
    """Delete the demo data. Rows created by hand stay."""
    Event.objects.filter(authentication__in=_authentications()).delete()
    _authentications().delete()
    subjects = (prefix(JAMAICA[0]), support.BLOCKED_PREFIX, support.BLOCKED_COUNTRY, support.LIFTED_PREFIX)
    Block.objects.filter(subject__in=subjects).delete()
    Refusal.objects.filter(_from_demo()).delete()
    Lockout.objects.filter(phone_number=GUESSED).delete()
    # Statistics outlive their rows, so all days are deleted, for ding_rollup to count again.
    DailyStatistics.objects.all().delete()
    DailyStatisticsItem.objects.all().delete()
    names = [AGENT, *usernames()]
    get_user_model().objects.filter(username__in=names, email__endswith="@example.org").delete()


def _authentications() -> AuthenticationQuerySet:
    return Authentication.objects.filter(_from_demo())


def _from_demo() -> Q:
    """Return the condition on rows from addresses that no visitor can have."""
    return Q(*(("ip__startswith", address) for address in ADDRESSES), _connector=Q.OR)


def _save_users(site: Site) -> None:
    users = {person.user.username: person.user for person in site.people if person.user}
    get_user_model().objects.bulk_create(users.values(), _BATCH)
    # MySQL returns no keys from a bulk INSERT.
    saved = get_user_model().objects.filter(username__in=users)
    for username, pk in saved.values_list("username", "pk"):
        users[username].pk = pk


def _save_support(site: Site) -> None:
    """Save what does not follow from timelines. The users are saved already."""
    rng, now = Random(SEED + 1), site.now  # noqa: S311
    agent = new_user(AGENT)
    agent.save()
    users = [person.user for person in site.users]
    recovering = users[1:6]
    Refusal.objects.bulk_create(support.refusals(site.users, now, rng))
    RememberedDevice.objects.bulk_create(support.devices(users, now, rng))
    lost = support.lost_numbers([person.user for person in _losers(site)], now)
    LostPhoneNumber.objects.bulk_create(sorted(lost, key=attrgetter("lost_at")))
    codes = support.recovery_codes(recovering, agent, now, rng)
    RecoveryCode.objects.bulk_create(sorted(codes, key=attrgetter("created_at")))


def _losers(site: Site) -> list[Person]:
    """Return the people who have lost their only number."""
    return site.users[-len(LostPhoneNumber.Reason) :]


def _numbers(site: Site) -> Iterator[PhoneNumber]:
    """Yield the number of each user who verified it, with the time of the first verification."""
    verified: dict[Person, datetime] = {}
    for timeline in site.timelines:
        if timeline.authentication.validated_at and timeline.person.user:
            verified.setdefault(timeline.person, timeline.authentication.validated_at)
    for person in _losers(site):
        verified.pop(person, None)
    for person, verified_at in verified.items():
        yield PhoneNumber(user=person.user, phone_number=person.phone_number, verified_at=verified_at, is_primary=True)


def _save_authentications(site: Site) -> None:
    authentications = {timeline.authentication.public_id: timeline.authentication for timeline in site.timelines}
    Authentication.objects.bulk_create(authentications.values(), _BATCH)
    for public_id, pk in _authentications().values_list("public_id", "pk"):
        authentications[public_id].pk = pk
    # Their users have keys by now.
    Lockout.objects.bulk_create(support.lockouts([timeline.authentication for timeline in site.guesses.values()]))
