"""A stranger uses up the limits, or has a prefix or country blocked, so that others can't log in (ASVS 6.1.1)."""

from ipaddress import IPv6Address
from itertools import count

import pytest

from django_ding.exceptions import RateLimited
from django_ding.models import Block, PhoneNumber
from django_ding.services import send
from django_ding.testing import sandbox

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_counters")]

#: An attack in small: limits that a few requests use up, of which none by number or address is in the way.
FEW = {"prefix": "4/h/prefix", "country": "4/h/country", "total": "4/d/all"}
ADDRESSES = [f"192.0.2.{n}" for n in range(1, 251)]


def limits(rates="", conversion=""):
    """Have these limits, and a provider that sends whatever is requested."""
    plain = {"default": {"BACKEND": "tests.stubs.Plain"}}
    return sandbox(BACKENDS=plain, RATE_LIMITS={"send": rates}, MIN_CONVERSION=conversion)


@pytest.fixture
def owner(user, phone):
    """Alice, who has verified her number before."""
    PhoneNumber.objects.create(user=user, phone_number=phone, is_primary=True)
    return user


def requests(purpose, *, user=None, addresses=ADDRESSES):
    """Request codes for the victim's neighbours from many addresses until it is refused. Return how many were sent."""
    for n, address in zip(count(), addresses, strict=False):
        try:
            send(f"+336123457{n % 100:02}", purpose=purpose, user=user, ip=address)
        except RateLimited:
            return n
    raise AssertionError("Nothing was ever refused.")


@pytest.mark.parametrize("rate", FEW.values(), ids=FEW)
@pytest.mark.parametrize("purpose", ["signup", "reset"])
def test_sign_ups_use_up_neither_logins_nor_second_factors(owner, phone, rate, purpose):
    with limits(rate):
        assert requests(purpose) == 4
        assert send(phone, purpose="login").is_new
        assert send(phone, purpose="second_factor", user=owner).is_new


@pytest.mark.parametrize("rate", FEW.values(), ids=FEW)
def test_logins_use_up_neither_sign_ups_nor_second_factors(owner, phone, rate):
    with limits(rate):
        assert requests("login") == 4
        assert send(phone, purpose="second_factor", user=owner).is_new
        assert send("+33612345699", purpose="signup").is_new


@pytest.mark.parametrize("rate", [*FEW.values(), "4/h/ip"], ids=[*FEW, "address"])
def test_users_do_not_use_up_the_second_factor_of_an_owner(owner, other_user, phone, rate):
    """Of which there is a reserve, also for those who share an address."""
    with limits(rate):
        assert requests("link", user=other_user, addresses=["192.0.2.1"] * 9) == 4
        assert send(phone, purpose="second_factor", user=owner, ip="192.0.2.1").is_new


def test_owners_do_not_use_up_the_second_factor_of_a_neighbor(owner, phone, django_user_model):
    """Who share an address with the victim, in an office or behind a carrier's NAT, and have numbers of their own."""
    mallories = [django_user_model.objects.create_user(f"mallory-{n}") for n in range(8)]
    with limits("4/h/ip"):
        for n, mallory in enumerate(mallories):
            number = PhoneNumber.objects.create(user=mallory, phone_number=f"+3369876540{n}", is_primary=True)
            send(number.phone_number, purpose="second_factor", user=mallory, ip="192.0.2.1")
        assert send(phone, purpose="second_factor", user=owner, ip="192.0.2.1").is_new


def test_a_reserve_has_an_end(owner, phone):
    with limits("4/h/phone"):
        for n in range(8):
            send(phone, purpose=f"purpose-{n}", user=owner)
        with pytest.raises(RateLimited):
            send(phone, purpose="one-more", user=owner)


def test_a_users_own_rate_has_no_reserve(owner, phone):
    with limits("4/d/user"):
        for n in range(4):
            send(phone, purpose=f"purpose-{n}", user=owner)
        with pytest.raises(RateLimited) as caught:
            send(phone, purpose="one-more", user=owner)
    assert caught.value.scope == "user"


def test_five_sends_do_not_lock_a_number(clock, owner, phone):
    """Five sign-ups in two minutes: the owner's login and second factor work."""
    with limits("1/30s/phone,5/h/phone"):
        for address in ADDRESSES[:5]:
            send(phone, purpose="signup", ip=address)
            clock.shift(30)
        with pytest.raises(RateLimited):
            send(phone, purpose="signup", ip=ADDRESSES[5])
        assert send(phone, purpose="login").is_new
        assert send(phone, purpose="second_factor", user=owner).is_new


def test_five_links_of_another_do_not_lock_a_number(clock, owner, other_user, phone):
    with limits("1/30s/phone,5/h/phone"):
        for n in range(5):
            send(phone, purpose=f"link-{n}", user=other_user)
            clock.shift(30)
        assert send(phone, purpose="second_factor", user=owner).is_new


# Blocks for low conversion.


@pytest.fixture
def blocking(clock):
    """Return a function that requests codes which nobody enters, each a while after the one before."""

    def request(purpose, addresses, **given):
        for n, address in enumerate(addresses):
            try:
                send(f"+336123457{n % 100:02}", purpose=purpose, ip=address, **given)
            except RateLimited as error:
                return error.scope
            clock.shift(130)
        return None

    with limits(conversion="20%/4/d/prefix,10%/4/d/country"):
        yield request


@pytest.mark.parametrize("purpose", ["signup", "login"])
def test_block_of_strangers_leaves_others_alone(blocking, owner, phone, purpose):
    assert blocking(purpose, ADDRESSES) == "conversion"
    assert Block.objects.exists()
    others = {"signup": "login", "login": "signup"}
    assert send(phone, purpose=others[purpose]).is_new
    assert send(phone, purpose="second_factor", user=owner).is_new


def test_block_of_users_leaves_owners_alone(blocking, owner, phone, django_user_model):
    attackers = django_user_model.objects.bulk_create(django_user_model(username=f"mallory-{n}") for n in range(9))
    refused = [blocking("link", ["192.0.2.1"], user=attacker) for attacker in attackers]
    assert "conversion" in refused
    assert send(phone, purpose="second_factor", user=owner).is_new


@pytest.mark.parametrize(
    "addresses",
    [
        ["192.0.2.1", "192.0.2.2"] * 20,
        [f"2001:db8:1:{n}::1" for n in range(40)],  # A /64 each, of one /48.
    ],
    ids=["two addresses", "one /48"],
)
def test_few_strangers_block_nothing(blocking, addresses):
    """However many codes they leave: each has one voice."""
    assert blocking("signup", addresses) is None
    assert not Block.objects.exists()


def test_login_is_refused_alike_for_known_and_unknown_numbers(blocking, owner, phone):
    """Also during a block: it is not for the owner of the number that it makes an exception."""
    blocking("login", ADDRESSES)
    seen = []
    for number in (phone, "+33612345798"):
        with pytest.raises(RateLimited) as caught:
            send(number, purpose="login")
        seen.append((caught.value.scope, caught.value.retry_after))
    assert seen[0] == seen[1]


# Addresses.


@pytest.mark.parametrize(("length", "most"), [(64, 5), (56, 10), (48, 20)])
def test_a_network_has_no_more_than_a_few_subscribers(length, most):
    """Whoever has a /48 has 65,536 networks of /64."""
    step = {64: 1, 56: 1 << 64, 48: 1 << 72}[length]
    base = 0x20010DB8000100000000000000000000
    with limits("5/h/ip"):
        assert requests("signup", addresses=[str(IPv6Address(base + n * step)) for n in range(250)]) == most
