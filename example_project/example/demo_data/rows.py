"""Writes the demo data, and takes it back."""

from collections.abc import Iterator

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q

from django_ding.models import (
    Authentication,
    AuthenticationQuerySet,
    Block,
    Event,
    PhoneNumber,
    Refusal,
    Rollup,
    RollupPart,
)
from django_ding.phone import prefix
from example.demo_data.people import ADDRESSES, usernames
from example.demo_data.places import JAMAICA
from example.demo_data.site import Site

_BATCH = 500


def is_there() -> bool:
    """Tell whether there is demo data."""
    return _authentications().exists()


@transaction.atomic
def save(site: Site) -> None:
    """Write all rows, or none."""
    _save_users(site)
    PhoneNumber.objects.bulk_create(_numbers(site), _BATCH, ignore_conflicts=True)
    Block.objects.bulk_create(site.blocks)
    Refusal.objects.bulk_create(site.refusals)
    _save_authentications(site)
    Event.objects.bulk_create((event for story in site.stories for event in story.events), _BATCH)


@transaction.atomic
def delete() -> None:
    """Take it all back. What was made by hand stays.

    The statistics would outlive their rows, so they are to be counted anew.
    """
    Event.objects.filter(authentication__in=_authentications()).delete()
    _authentications().delete()
    Block.objects.filter(subject=prefix(JAMAICA[0])).delete()
    Refusal.objects.filter(phone_number__in=JAMAICA).delete()
    Rollup.objects.all().delete()
    RollupPart.objects.all().delete()
    get_user_model().objects.filter(username__in=list(usernames()), email__endswith="@example.org").delete()


def _authentications() -> AuthenticationQuerySet:
    """Return those of the addresses that no visitor can have."""
    begins = Q(*(("ip__startswith", address) for address in ADDRESSES), _connector=Q.OR)
    return Authentication.objects.filter(begins)


def _save_users(site: Site) -> None:
    users = {person.user.username: person.user for person in site.people if person.user}
    get_user_model().objects.bulk_create(users.values(), _BATCH)
    saved = get_user_model().objects.filter(username__in=users)
    for username, pk in saved.values_list("username", "pk"):  # MySQL doesn't tell the keys of what is inserted.
        users[username].pk = pk


def _numbers(site: Site) -> Iterator[PhoneNumber]:
    """Yield the number of each user who proved it, since then."""
    proven = {}
    for story in site.stories:
        if story.authentication.validated_at and story.person.user:
            proven.setdefault(story.person, story.authentication.validated_at)
    for person, verified_at in proven.items():
        yield PhoneNumber(user=person.user, phone_number=person.phone_number, verified_at=verified_at, is_primary=True)


def _save_authentications(site: Site) -> None:
    authentications = {story.authentication.public_id: story.authentication for story in site.stories}
    Authentication.objects.bulk_create(authentications.values(), _BATCH)
    for public_id, pk in _authentications().values_list("public_id", "pk"):
        authentications[public_id].pk = pk
