"""The services, given anything: only what they document comes out, and no secret in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_ding.conf import ding_settings
from django_ding.exceptions import (
    BackendRejected,
    DingError,
    InputError,
    InvalidCode,
    InvalidPhoneNumber,
    InvalidProof,
    PhoneNumberTaken,
)
from django_ding.models import Authentication, PhoneNumber
from django_ding.services import (
    CheckStatus,
    DeviceSignals,
    FeedbackStatus,
    SendResult,
    check,
    claim,
    feedback,
    lookup,
    make_primary,
    make_proof,
    refresh,
    remove_number,
    retry,
    send,
    verify_proof,
)
from django_ding.testing import outbox, script
from tests.generated.leaks import has_secret
from tests.helpers import NOON

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

ANY = st.text(st.characters(exclude_categories=()))
TYPED = st.from_regex(r"[+0-9 ()\-./x;=#\u0660-\u0669]{1,70}", fullmatch=True)
REAL = st.sampled_from(["+33612345678", "0612345678", "+12025550101", "+61491570156", "+447400123456", "+33112345678"])
NUMBERS = ANY | TYPED | REAL
REGIONS = st.sampled_from([None, "FR", "GB", "US", "001", "XX", ""])
ADDRESSES = st.none() | st.ip_addresses().map(str)
DEVICES = st.builds(DeviceSignals, device_id=st.none() | st.text(max_size=40), app_version=st.none() | st.text())


@pytest.fixture(autouse=True)
def nothing_leaks(leaks):
    yield
    assert not leaks.found


@pytest.fixture
def outcome(leaks):
    """Call a service; return what it returns, or the documented failure it raises."""

    def call(service, *args, documented=(), **options):
        try:
            return service(*args, **options)
        except documented as error:
            leaks.look(f"{error} {error!r}")
            return error

    return call


def is_sent(result):
    return isinstance(result, SendResult) and result.authentication.status == "pending"


def reset():
    Authentication.objects.all().delete()
    PhoneNumber.objects.all().delete()
    outbox.clear()


def test_send_anything(examples, outcome, user):
    @examples(100)
    @given(
        number=NUMBERS,
        region=REGIONS,
        ip=ADDRESSES,
        signals=st.none() | DEVICES,
        locale=st.none() | ANY,
        who=st.sampled_from([None, user]),
    )
    def try_it(number, region, ip, signals, locale, who):
        reset()
        options = {"region": region, "ip": ip, "device_signals": signals, "locale": locale, "user": who}
        result = outcome(send, number, **options, documented=(InputError, BackendRejected))
        is_pending = is_sent(result)
        assert len(outbox) == is_pending
        assert Authentication.objects.filter(status="pending").count() == is_pending

    try_it()


def test_send_whatever_the_provider_does(examples, outcome, phone):
    outcomes = [
        "pending",
        "rate_limited",
        "spam_detected",
        "server_error",
        "dropped",
        "dropped_before",
        "garbage",
        "slow",
    ]
    refusals = ["invalid_line", "negative_balance", "blocked_number", "too_many_requests"]

    @examples(100)
    @given(st.lists(st.sampled_from([*outcomes, *refusals]), min_size=1, max_size=3))
    def try_it(happening):
        reset()
        script("send", *happening)
        for nth, what in enumerate(happening):
            result = outcome(send, phone, purpose=f"p{nth}", documented=(DingError,))
            assert is_sent(result) == (what == "pending")

    try_it()


def test_check_anything(examples, outcome, user, phone):
    typed_codes = st.lists(ANY | TYPED | st.sampled_from(["000000", "12345678", "right"]), max_size=4)

    @examples(100)
    @given(wrong=st.integers(0, 7), then=typed_codes)
    def try_it(wrong, then):
        reset()
        authentication = send(phone, user=user).authentication
        results = []
        for typed in ["000000"] * wrong + then:
            code = outbox[-1].code if typed == "right" else typed
            results.append(outcome(check, authentication, code, documented=(InvalidCode,)))
        valid = [result for result in results if getattr(result, "status", None) == CheckStatus.VALID]
        row = Authentication.objects.get()
        assert row.check_count <= ding_settings.MAX_CHECKS
        assert len(valid) == (row.status == "validated")
        assert PhoneNumber.objects.count() == len(valid)

    try_it()


def test_feedback_and_lookup_of_anything(examples, outcome):
    # Python's own error repeats an unknown status, which Hypothesis may take from the numbers of this module.
    statuses = ANY.filter(lambda text: not has_secret(text)) | st.sampled_from(FeedbackStatus)

    @examples(100)
    @given(number=NUMBERS, region=REGIONS, status=statuses, caller_name=st.booleans())
    def try_it(number, region, status, caller_name):
        outcome(feedback, number, status, region=region, documented=(InputError, ValueError))
        outcome(lookup, number, region=region, caller_name=caller_name, documented=(InvalidPhoneNumber,))

    try_it()


def test_proofs_of_anything(examples, outcome, phone):
    proof = make_proof(Authentication(purpose="signup"))

    @examples(100)
    @given(proof=ANY | st.from_regex(r"[A-Za-z0-9_:-]{0,80}", fullmatch=True) | st.just(proof), purpose=ANY)
    def try_it(proof, purpose):
        result = outcome(verify_proof, proof, purpose=purpose, documented=(InvalidProof,))
        assert isinstance(result, InvalidProof)

    try_it()


STEPS = {
    "check": lambda authentication, user: check(authentication, outbox[-1].code),
    "retry": lambda authentication, user: retry(authentication),
    "refresh": lambda authentication, user: refresh(authentication),
    "claim": lambda authentication, user: claim(authentication, user=user),
    "claim as seen by another": lambda authentication, user: claim(Authentication.objects.get(), user=user),
    "make primary": lambda authentication, user: [make_primary(row) for row in PhoneNumber.objects.all()],
    "remove": lambda authentication, user: [remove_number(row) for row in PhoneNumber.objects.all()],
}


def test_an_authentication_may_go_any_way(examples, outcome, user, other_user, phone, clock):
    steps = st.tuples(st.sampled_from(list(STEPS)), st.sampled_from([user, other_user]), st.sampled_from([0, 31, 600]))

    @examples(100)
    @given(st.lists(steps, max_size=8))
    def try_it(happening):
        reset()
        clock.move_to(NOON)
        authentication = send(phone, purpose="signup").authentication
        for step, who, seconds in happening:
            clock.shift(seconds)
            outcome(STEPS[step], authentication, who, documented=(InvalidProof, PhoneNumberTaken))
        row = Authentication.objects.get()
        owners = [number.user for number in PhoneNumber.objects.all()]
        assert owners in ([], [row.user])
        assert row.user is None or row.status == "validated"

    try_it()
