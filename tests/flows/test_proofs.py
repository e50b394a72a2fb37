import pytest
from django.core import signing
from django.db import transaction

from django_ding.exceptions import InvalidProof, PhoneNumberTaken
from django_ding.models import Authentication, PhoneNumber
from django_ding.services import check, claim, make_proof, send, verify_proof
from django_ding.testing import sandbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def proven(outbox, phone):
    """A validated sign-up of a visitor without an account."""
    authentication = send(phone, purpose="signup").authentication
    check(authentication, outbox[-1].code)
    return authentication


def test_verify_proof_returns_the_authentication(proven, phone):
    authentication = verify_proof(make_proof(proven))
    assert authentication == proven
    assert authentication.phone_number == phone


def test_verify_proof_holds_no_number(proven, phone):
    payload = signing.b64_decode(make_proof(proven).split(":")[0].encode())
    assert phone[1:].encode() not in payload


def test_verify_proof_too_old(clock, proven):
    proof = make_proof(proven)
    clock.shift(1801)
    with pytest.raises(InvalidProof):
        verify_proof(proof)


def test_verify_proof_age_is_a_setting(clock, proven):
    proof = make_proof(proven)
    clock.shift(61)
    with sandbox(PROOF_TIMEOUT=60), pytest.raises(InvalidProof):
        verify_proof(proof)


@pytest.mark.parametrize("proof", ["", "a:b:\ud800", "x", "a:b:c", "\x00", "é" * 1000])
def test_verify_proof_forged(proof):
    with pytest.raises(InvalidProof):
        verify_proof(proof)


@pytest.mark.parametrize("signer", [signing.TimestampSigner(), signing.TimestampSigner(salt="project")])
def test_verify_proof_that_was_signed_for_something_else(proven, signer):
    with pytest.raises(InvalidProof):
        verify_proof(signer.sign_object(str(proven.public_id)))


def test_verify_proof_altered(proven):
    with pytest.raises(InvalidProof):
        verify_proof(make_proof(proven)[:-1])


def test_verify_proof_of_another_purpose(proven):
    with pytest.raises(InvalidProof):
        verify_proof(make_proof(proven), purpose="payment")


def test_verify_proof_not_validated(phone):
    with pytest.raises(InvalidProof):
        verify_proof(make_proof(send(phone, purpose="signup").authentication))


def test_verify_proof_after_the_claim(proven, user):
    proof = make_proof(proven)
    claim(proven, user=user)
    with pytest.raises(InvalidProof):
        verify_proof(proof)


def test_claim_gives_the_number_to_the_user(proven, user, phone):
    number = claim(proven, user=user)
    assert (number.user, number.phone_number, number.is_primary) == (user, phone, True)
    assert Authentication.objects.get().user == user


def test_claim_works_inside_a_transaction(proven, user):
    with transaction.atomic():
        claim(proven, user=user)
    assert PhoneNumber.objects.get().user == user


def test_claim_twice_is_refused(proven, user, other_user):
    other_view = Authentication.objects.get()
    claim(proven, user=user)
    with pytest.raises(InvalidProof):
        claim(other_view, user=other_user)
    assert PhoneNumber.objects.get().user == user


def test_claim_not_validated_is_refused(user, phone):
    with pytest.raises(InvalidProof):
        claim(send(phone, purpose="signup").authentication, user=user)


def test_claim_number_of_another_account_is_refused(proven, user, other_user, phone):
    PhoneNumber.objects.create(user=other_user, phone_number=phone)
    with pytest.raises(PhoneNumberTaken):
        claim(proven, user=user)
    assert Authentication.objects.get().user is None
