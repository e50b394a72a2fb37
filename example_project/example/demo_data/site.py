"""All that happened: ordinary days, an outage, an attack, and a few stories that the guide leads to."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from django_ding import phone
from django_ding.backends.base import Channel, CheckStatus, DeliveryStatus
from django_ding.models import Authentication, Block, Refusal
from example.demo_data import days, stories
from example.demo_data.people import Person, address, device, people
from example.demo_data.places import JAMAICA, Place
from example.demo_data.stories import Story

SEED = 20

ORDINARY = 6000
OUTAGE = 90
#: How many codes the attack got before the guard stopped it, each time it tried.
ATTACK = (37, 24)

#: The number that the example's guide uses, for a story that support hears every day.
GUIDE = "+33612345678"

_PAUSE = timedelta(hours=1)


class Site:
    """The rows, in the order in which they came about and none of them saved.

    :param now: where the days end. The same moment gives the same rows.
    """

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.chance = Random(SEED)  # noqa: S311
        self.people = people(self.chance)
        self.blocks: list[Block] = []
        self.refusals: list[Refusal] = []
        self.stories = sorted(self._stories(), key=lambda story: story.authentication.created_at)
        for story in self.stories:
            story.end(now)

    def _stories(self) -> Iterator[Story]:
        yield from self._ordinary()
        yield from self._outage()
        yield from self._attack()
        yield from self._guide()
        yield from self._open()

    def _ordinary(self) -> Iterator[Story]:
        busy = [person.place.busy for person in self.people]
        for at in days.moments(ORDINARY, now=self.now - timedelta(minutes=15), chance=self.chance):
            story = self._story(self.chance.choices(self.people, weights=busy)[0], at)
            stories.tell(story)
            yield story

    def _outage(self) -> Iterator[Story]:
        """For an hour and a half the provider is down, and people try again and again."""
        begin = days.ago(23, 14, minute=10, now=self.now)
        for at in days.during(begin, 95, OUTAGE, self.chance):
            story = self._story(self.chance.choice(self.people), at)
            code, after = self.chance.choice((("timeout", 10.0), ("http_503", 0.4), ("connection_failed", 3.1)))
            story.fail(code, after)
            yield story

    def _attack(self) -> Iterator[Story]:
        """Somebody earns by messages to one prefix, at night. Nobody enters a code, so the guard blocks it, twice."""
        place = next(person.place for person in self.people if person.place.country == "JM")
        begin = days.ago(9, 2, minute=12, now=self.now)
        for count in ATTACK:
            moments = days.during(begin, 8, count, self.chance)
            for at in moments:
                story = self._story(self._stranger(place), at)
                story.open()
                story.deliver(Channel.TEXT)
                yield story
            self._block(phone.prefix(JAMAICA[0]), moments[-1])
            begin = moments[-1] + _PAUSE + timedelta(minutes=3)

    def _guide(self) -> Iterator[Story]:
        """The number of the guide: a lost message, a way around it, and one that is blocked."""
        place = Place(country="FR", numbers=(GUIDE,), price="0.0440")
        person = Person(
            place=place, phone_number=GUIDE, ip=address(self.chance), signals=device(self.chance), user=None
        )
        story = self._story(person, days.ago(6, 9, minute=2, now=self.now))
        story.open()
        story.message(Channel.TEXT)
        story.report(DeliveryStatus.UNDELIVERABLE, least=20, most=40)
        yield story
        story = self._story(person, days.ago(6, 9, minute=14, now=self.now))
        story.open()
        story.message(Channel.TEXT)
        story.report(DeliveryStatus.UNDELIVERABLE, least=20, most=40)
        story.retry(Channel.WHATSAPP)
        story.check(CheckStatus.INVALID)
        story.check(CheckStatus.VALID)
        yield story
        story = self._story(person, days.ago(1, 18, minute=31, now=self.now))
        story.open()
        story.deliver()
        yield story

    def _open(self) -> Iterator[Story]:
        """Codes of the last minutes, which may still be entered."""
        for at in days.during(self.now - timedelta(minutes=4), 3, 3, self.chance):
            story = self._story(self.chance.choice(self.people), at)
            story.open()
            story.deliver()
            yield story

    def _story(self, person: Person, at: datetime) -> Story:
        return Story(person, at, self._purpose(person), self.chance)

    def _purpose(self, person: Person) -> str:
        if person.user is None:
            return Authentication.Purpose.SIGNUP if self.chance.random() < 0.7 else Authentication.Purpose.LOGIN
        purposes = Authentication.Purpose
        return self.chance.choices((purposes.SECOND_FACTOR, purposes.LOGIN, purposes.LINK), weights=(50, 42, 8))[0]

    def _stranger(self, place: Place) -> Person:
        number = self.chance.choice(JAMAICA)
        return Person(place=place, phone_number=number, ip=address(self.chance), signals=device(self.chance), user=None)

    def _block(self, prefix: str, at: datetime) -> None:
        scope = Block.Scope.PREFIX
        self.blocks.append(
            Block(scope=scope, subject=prefix, sends=20, validated=0, created_at=at, expires_at=at + _PAUSE)
        )
        for number in self.chance.sample(JAMAICA, 30):
            self.refusals.append(self._refusal(number, prefix, at))

    def _refusal(self, number: str, prefix: str, at: datetime) -> Refusal:
        """Return what the guard wrote of a number that was asked for after the block, in the same hour."""
        count, hour = self.chance.randrange(1, 5), at.replace(minute=0, second=0, microsecond=0)
        times = days.during(at, min(20, (hour + _PAUSE - at) / timedelta(minutes=1)), count, self.chance)
        return Refusal(
            phone_number=number,
            country="JM",
            prefix=prefix,
            reason=Refusal.Reason.CONVERSION,
            hour=hour,
            count=count,
            first_at=times[0],
            last_at=times[-1],
            ip=address(self.chance),
        )
