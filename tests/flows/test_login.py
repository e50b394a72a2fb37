import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured

from django_ding.exceptions import InvalidProof, NoAccount
from django_ding.models import Authentication, PhoneNumber
from django_ding.services import check, create_user, redeem_login, send
from django_ding.testing import sandbox
from tests.helpers import Statements

pytestmark = pytest.mark.django_db


@pytest.fixture
def number(user, phone):
    """Alice's number."""
    return PhoneNumber.objects.create(user=user, phone_number=phone, is_primary=True)


@pytest.fixture
def prove(outbox, phone):
    """Send a code and check it; return the validated authentication."""

    def proven(purpose="login", owner=None):
        authentication = send(phone, purpose=purpose, user=owner).authentication
        check(authentication, outbox[-1].code)
        return authentication

    return proven


def create_named(authentication):
    return get_user_model().objects.create_user(f"from-{authentication.country}")


def create_inactive(authentication):
    return get_user_model().objects.create_user("waiting", is_active=False)


def test_redeem_login_returns_the_owner(number, user, prove):
    authentication = prove()
    assert redeem_login(authentication) == authentication.user == user
    assert Authentication.objects.get().user == user


def test_redeem_login_once(number, prove):
    authentication = prove()
    redeem_login(authentication)
    with pytest.raises(InvalidProof):
        redeem_login(Authentication.objects.get())


def test_redeem_login_notes_that_the_number_was_proven(clock, number, prove):
    clock.shift(3600)
    redeem_login(prove())
    before = number.verified_at
    number.refresh_from_db()
    assert (number.verified_at - before).total_seconds() == 3600


def test_redeem_login_takes_three_statements(number, prove):
    authentication = prove()
    with Statements() as statements:
        redeem_login(authentication)
    assert len(statements) == 3


@pytest.mark.parametrize("purpose", ["link", "signup", "second_factor"])
def test_redeem_login_of_another_purpose(number, prove, purpose):
    with pytest.raises(InvalidProof):
        redeem_login(prove(purpose))


def test_redeem_login_not_validated(number, phone):
    with pytest.raises(InvalidProof):
        redeem_login(send(phone, purpose="login").authentication)


def test_redeem_login_of_a_user_who_was_signed_in(number, prove, other_user):
    with pytest.raises(InvalidProof):
        redeem_login(prove(owner=other_user))


def test_redeem_login_too_old(clock, number, prove):
    authentication = prove()
    clock.shift(1800)
    with pytest.raises(InvalidProof):
        redeem_login(authentication)


def test_redeem_login_unknown_number(prove):
    authentication = prove()
    with pytest.raises(NoAccount) as raised:
        redeem_login(authentication)
    assert (raised.value.code, str(raised.value)) == ("no_account", "No account has this phone number.")
    assert Authentication.objects.get().user is None


def test_redeem_login_unknown_number_not_validated(phone):
    with pytest.raises(InvalidProof):
        redeem_login(send(phone, purpose="login").authentication)


def test_redeem_login_inactive_user(number, user, prove):
    get_user_model().objects.update(is_active=False)
    with sandbox(LOGIN_CREATES_USER=True) as outbox:
        authentication = send(number.phone_number, purpose="login").authentication
        check(authentication, outbox[-1].code)
        with pytest.raises(NoAccount):
            redeem_login(authentication)
    assert get_user_model().objects.get() == user


def test_redeem_login_of_a_refused_user_leaves_it_redeemable(number, user, prove):
    authentication = prove()
    with pytest.raises(NoAccount):
        redeem_login(authentication, user_can_authenticate=lambda owner: owner != user)
    assert redeem_login(authentication, user_can_authenticate=lambda owner: owner == user) == user
    with pytest.raises(InvalidProof):
        redeem_login(authentication)


def test_redeem_login_of_a_refused_user_not_validated(number, phone):
    with pytest.raises(InvalidProof):
        redeem_login(send(phone, purpose="login").authentication, user_can_authenticate=lambda owner: False)


def test_redeem_login_asks_once(number, user, prove):
    asked = []
    redeem_login(prove(), user_can_authenticate=lambda owner: asked.append(owner) or True)
    assert asked == [user]


def test_redeem_login_creates_the_user(prove, phone):
    authentication = prove()
    with sandbox(LOGIN_CREATES_USER=True):
        user = redeem_login(authentication)
    number = PhoneNumber.objects.get()
    assert (number.user, number.phone_number, number.is_primary) == (user, phone, True)
    assert not user.has_usable_password()
    assert phone[1:] not in user.get_username()


def test_redeem_login_creates_no_user_when_spent(number, prove):
    authentication = prove()
    redeem_login(authentication)
    number.delete()
    with sandbox(LOGIN_CREATES_USER=True), pytest.raises(InvalidProof):
        redeem_login(authentication)
    assert get_user_model().objects.count() == 1
    assert not PhoneNumber.objects.exists()


def test_redeem_login_user_factory_is_a_setting(prove):
    authentication = prove()
    with sandbox(LOGIN_CREATES_USER=True, USER_FACTORY=f"{__name__}.create_named"):
        assert redeem_login(authentication).get_username() == "from-FR"


def test_redeem_login_keeps_a_newcomer_who_has_to_wait(prove, phone):
    authentication = prove()
    with sandbox(LOGIN_CREATES_USER=True, USER_FACTORY=f"{__name__}.create_inactive"), pytest.raises(NoAccount):
        redeem_login(authentication)
    assert PhoneNumber.objects.get().user.username == "waiting"


def test_create_user_does_not_make_up_an_email(monkeypatch):
    monkeypatch.setattr(get_user_model(), "USERNAME_FIELD", "email")
    with pytest.raises(ImproperlyConfigured, match="USER_FACTORY"):
        create_user(Authentication())
