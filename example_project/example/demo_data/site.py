"""The whole demo data: ordinary days, an outage, an attack, a campaign, and the number of the example's guide."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from django_ding import phone
from django_ding.backends.types import Channel, CheckStatus, DeliveryStatus
from django_ding.models import Authentication, Block, Refusal
from django_ding.models.base import RequesterType
from example.demo_data import cases, days, timelines
from example.demo_data.people import Person, address, people, stranger
from example.demo_data.places import FAILING_CARRIER, JAMAICA, Place
from example.demo_data.timelines import Timeline

SEED = 20

ORDINARY = 6000
OUTAGE = 90
#: How many codes the campaign of the last two days brings, which begins in France.
CAMPAIGN = 1200
#: How many of them come evenly, by night as well.
STEADY = 250
#: How many codes each wave of the attack got before the conversion limit stopped it.
ATTACK = (37, 24)

#: The number in the example's guide, with a history that support sees every day.
GUIDE = "+33612345678"

_PAUSE = timedelta(hours=1)
#: How long one of the two French carriers has delivered little. Early in the day, it has since yesterday.
_FAILURE = timedelta(hours=6)
#: Codes of the campaign in this time, whatever the hour.
_RUSH = 150
#: The share of its messages that get lost.
_LOST = 0.85


class Site:
    """The rows in chronological order, none of them saved.

    :param now: when the days end. The same moment builds the same rows.
    """

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.rng = Random(SEED)  # noqa: S311
        self.people = people(self.rng)
        self.users = [person for person in self.people if person.user]
        #: The last guess of each person whose codes somebody guesses.
        self.guesses: dict[Person, Timeline] = {}
        self.blocks: list[Block] = []
        self.refusals: list[Refusal] = []
        ordinary = list(self._timelines())
        found = [*ordinary, *self._guesses(ordinary)]
        self.timelines = sorted(found, key=lambda timeline: timeline.authentication.created_at)
        for timeline in self.timelines:
            timeline.expire(now)

    def _timelines(self) -> Iterator[Timeline]:
        yield from self._ordinary()
        yield from self._campaign()
        yield from self._outage()
        yield from self._attack()
        yield from self._guide()
        yield from self._open()
        france = self._place("FR")
        yield from cases.summaries(lambda at: self._timeline(stranger(france, self.rng), at), self.now)

    def _ordinary(self) -> Iterator[Timeline]:
        busy = [person.place.busy for person in self.people]
        for at in days.moments(ORDINARY, now=self.now - timedelta(minutes=15), rng=self.rng):
            yield self._simulated(self.rng.choices(self.people, weights=busy)[0], at)

    def _campaign(self) -> Iterator[Timeline]:
        """New customers of the last two days, enough of them for a chart of each hour."""
        france = self._place("FR")
        end = self.now - timedelta(minutes=15)
        rush = days.during(end - _FAILURE, _FAILURE / timedelta(minutes=1), _RUSH, self.rng)
        steady = days.during(end - timedelta(days=2), 2 * 24 * 60, STEADY, self.rng)
        for at in (*days.moments(CAMPAIGN - STEADY, now=end, rng=self.rng, since=2), *steady, *rush):
            yield self._simulated(stranger(france, self.rng), at)

    def _simulated(self, person: Person, at: datetime) -> Timeline:
        timeline = self._timeline(person, at)
        is_failing = person.carrier == FAILING_CARRIER and at > self.now - _FAILURE
        if is_failing and self.rng.random() < _LOST:
            timeline.open()
            timelines.failed_by_carrier(timeline)
        else:
            timelines.simulate(timeline)
        return timeline

    def _outage(self) -> Iterator[Timeline]:
        """For an hour and a half the provider is down, and people keep trying."""
        begin = days.ago(23, 14, minute=10, now=self.now)
        for at in days.during(begin, 95, OUTAGE, self.rng):
            timeline = self._timeline(self.rng.choice(self.people), at)
            code, after = self.rng.choice((("timeout", 10.0), ("http_503", 0.4), ("connection_failed", 3.1)))
            timeline.fail(code, after)
            yield timeline

    def _attack(self) -> Iterator[Timeline]:
        """SMS pumping to one prefix at night. No code is entered, so the prefix is blocked, twice."""
        place = self._place("JM")
        begin = days.ago(9, 2, minute=12, now=self.now)
        for count in ATTACK:
            moments = days.during(begin, 8, count, self.rng)
            for at in moments:
                timeline = self._timeline(stranger(place, self.rng), at)
                timeline.open()
                timeline.deliver(Channel.SMS)
                yield timeline
            self._block(phone.prefix(JAMAICA[0]), moments[-1])
            begin = moments[-1] + _PAUSE + timedelta(minutes=3)

    def _guide(self) -> Iterator[Timeline]:
        """The number of the guide: a lost message, a retry that helps, and a code that is never entered."""
        place = Place(country="FR", numbers=(GUIDE,), price="0.0440")
        person = stranger(place, self.rng)
        timeline = self._timeline(person, days.ago(6, 9, minute=2, now=self.now))
        timeline.open()
        timeline.message(Channel.SMS)
        timeline.report(DeliveryStatus.UNDELIVERABLE, least=20, most=40)
        yield timeline
        timeline = self._timeline(person, days.ago(6, 9, minute=14, now=self.now))
        timeline.open()
        timeline.message(Channel.SMS)
        timeline.report(DeliveryStatus.UNDELIVERABLE, least=20, most=40)
        timeline.retry(Channel.WHATSAPP)
        timeline.check(CheckStatus.INVALID)
        timeline.check(CheckStatus.VALID)
        yield timeline
        timeline = self._timeline(person, days.ago(1, 18, minute=31, now=self.now))
        timeline.open()
        timeline.deliver()
        yield timeline

    def _guesses(self, others: list[Timeline]) -> Iterator[Timeline]:
        """Codes that somebody guesses. The user has not verified anything since, which would end the lockout."""
        begin = self.now - timedelta(hours=8)
        lately = {timeline.person for timeline in others if timeline.authentication.created_at > begin}
        user = next(person for person in self.users if person not in lately)
        guessed = stranger(self._place("GB"), self.rng, cases.GUESSED)
        for timeline in cases.guesses(self._timeline, guessed, user, self.now):
            self.guesses[timeline.person] = timeline
            yield timeline

    def _open(self) -> Iterator[Timeline]:
        """Codes of the last minutes, which can still be entered."""
        for at in days.during(self.now - timedelta(minutes=4), 3, 3, self.rng):
            timeline = self._timeline(self.rng.choice(self.people), at)
            timeline.open()
            timeline.deliver()
            yield timeline

    def _timeline(self, person: Person, at: datetime, purpose: str | None = None) -> Timeline:
        return Timeline(person, at, purpose or self._purpose(person), self.rng)

    def _purpose(self, person: Person) -> str:
        if person.user is None:
            return Authentication.Purpose.SIGNUP if self.rng.random() < 0.7 else Authentication.Purpose.LOGIN
        purposes = Authentication.Purpose
        return self.rng.choices((purposes.SECOND_FACTOR, purposes.LOGIN, purposes.LINK), weights=(50, 42, 8))[0]

    def _place(self, country: str) -> Place:
        return next(person.place for person in self.people if person.place.country == country)

    def _block(self, prefix: str, at: datetime) -> None:
        scope = Block.Scope.PREFIX
        self.blocks.append(
            Block(
                scope=scope,
                subject=prefix,
                requester_type=RequesterType.VISITOR,
                sends=20,
                validated=0,
                created_at=at,
                expires_at=at + _PAUSE,
            )
        )
        for number in self.rng.sample(JAMAICA, 30):
            self.refusals.append(self._refusal(number, prefix, at))

    def _refusal(self, number: str, prefix: str, at: datetime) -> Refusal:
        """Return the blocked requests for a number after the block, within the same hour."""
        count, hour = self.rng.randrange(1, 5), at.replace(minute=0, second=0, microsecond=0)
        times = days.during(at, min(20, (hour + _PAUSE - at) / timedelta(minutes=1)), count, self.rng)
        return Refusal(
            phone_number=number,
            country="JM",
            prefix=prefix,
            reason=Refusal.Reason.CONVERSION,
            hour=hour,
            count=count,
            first_at=times[0],
            last_at=times[-1],
            ip=address(self.rng),
        )
