"""The life of authentications, in any order: sent, looked at, checked, retried, while time passes."""

from functools import partial
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from django_ding.conf import ding_settings
from django_ding.models import Authentication, PhoneNumber
from django_ding.testing import outbox, script
from tests.generated.api import ALICE, BOB, NOBODY
from tests.helpers import NOON

pytestmark = pytest.mark.slow

STEPS = 30

CALLERS = st.sampled_from([ALICE, ALICE, NOBODY, BOB])
OWNER = "its owner"
OWNER_OR_OTHERS = st.sampled_from([*[OWNER] * 9, ALICE, BOB, NOBODY])
NUMBERS = st.sampled_from(["+33612345678", "06 12 34 56 78", "+1 202 555 0101", "+61491570156", "+33112345678"])
PURPOSES = st.sampled_from(["link", "signup", "login"])
DEVICES = st.fixed_dictionaries(
    {},
    optional={
        "device_type": st.sampled_from(["ANDROID", "IOS", "WEB"]),
        "device_id": st.text(max_size=128),
        "device_model": st.text(max_size=20),
        "app_version": st.text(max_size=20),
        "locale": st.sampled_from(["fr", "pt-BR", "x-y"]),
    },
)
WAITS = st.sampled_from([1, 29, 30, 31, 120, 599, 600])
#: What can become of each operation, and which of its outcomes are an outage.
OUTAGES = ["server_error", "too_many_requests", "dropped", "dropped_before", "garbage", "slow", "negative_balance"]
OUTCOMES = {
    "send": ["rate_limited", "spam_detected", "blocked_number", "invalid_line", "invalid_phone_number", *OUTAGES],
    "check": ["invalid", "without_attempt", "rate_limited", "already_validated", "expired_auth", "unknown", *OUTAGES],
    "retry": ["denied", "no_attempt", "rate_limited", "expired_auth", "already_validated", *OUTAGES],
}


class Life(RuleBasedStateMachine):
    """A provider that is well: nothing is answered 5xx, and exactly what is called sent was sent."""

    ids = Bundle("ids")

    def __init__(self, api, clock, leaks):
        super().__init__()
        api.reset()
        clock.move_to(NOON)
        self.api, self.clock, self.leaks = api, clock, leaks
        self.won = set()

    @initialize(target=ids)
    def begin(self):
        return self.send_code(ALICE, {"phone_number": "+33612345678"})

    @rule(target=ids, who=CALLERS, number=NUMBERS, purpose=st.none() | PURPOSES)
    def send(self, who, number, purpose):
        return self.send_code(who, {"phone_number": number} | ({"purpose": purpose} if purpose else {}))

    @rule(target=ids, number=NUMBERS, device=DEVICES)
    def send_from_a_device(self, number, device):
        return self.send_code(ALICE, {"phone_number": number, **device})

    @rule(who=OWNER_OR_OTHERS, known=ids)
    def look(self, who, known):
        self.ask_about("get_phone_authentication", known, who)

    @rule(who=OWNER_OR_OTHERS, known=ids, back=st.integers(0, 2))
    def enter_a_code_that_was_sent(self, who, known, back):
        codes = [message.code for message in outbox.to(number_of(known))]
        self.check(who, known, codes[-1 - back] if len(codes) > back else "000000")

    @rule(
        who=OWNER_OR_OTHERS,
        known=ids,
        code=st.sampled_from(["000000", "1234", "٠٠٠٠٠١", " 12-34 56 ", "x", "123456789"]),
        times=st.sampled_from([1, 1, 6]),
    )
    def enter_another_code(self, who, known, code, times):
        for _ in range(times):
            self.check(who, known, code)

    @rule(who=OWNER_OR_OTHERS, known=ids, is_patient=st.booleans())
    def retry(self, who, known, is_patient):
        if is_patient:
            self.clock.shift(31)
        self.ask_about("retry_code", known, who)

    @rule(who=CALLERS, name=st.sampled_from(["list", "release", "make primary"]), nth=st.integers(0, 2))
    def use_numbers(self, who, name, nth):
        if name == "list":
            self.ask("list_phone_numbers", who)
            return
        numbers = list(PhoneNumber.objects.order_by("pk"))
        public_id = numbers[nth].public_id if nth < len(numbers) else UUID(int=nth)
        self.ask("remove_phone_number" if name == "release" else "make_phone_number_primary", who, public_id=public_id)

    @rule(seconds=WAITS)
    def wait(self, seconds):
        self.clock.shift(seconds)

    def send_code(self, who, body):
        response = self.ask("send_code", who, body=body)
        if response.status_code not in (200, 201):
            return multiple()
        answer = response.json()
        if answer["status"] == "pending":
            assert outbox.to(answer["phone_number"])
        return answer["id"], who

    def check(self, who, known, code):
        response = self.ask_about("check_code", known, who, body={"code": code})
        # The code is right, too, when the number turns out to be another account's.
        if response.status_code == 200 or response.json()["code"] == "phone_number_taken":
            assert known[0] not in self.won
            self.won.add(known[0])

    def ask_about(self, name, known, who, **request):
        public_id, owner = known
        return self.ask(name, owner if who == OWNER else who, public_id=public_id, **request)

    def ask(self, name, who, **request):
        before = len(outbox)
        response = self.api.ask(name, who, **request)
        self.compare(name, response, len(outbox) - before)
        return response

    def compare(self, name, response, sent):
        """Compare an answer with what the provider sent meanwhile."""
        assert response.status_code < 500
        if sent:
            assert (name, response.status_code) in {("send_code", 201), ("send_code", 200), ("retry_code", 200)}
        if (name, response.status_code) in {("send_code", 201), ("retry_code", 200)}:
            assert sent == 1

    @invariant()
    def limits_hold(self):
        for row in Authentication.objects.all():
            assert 0 <= row.check_count <= ding_settings.MAX_CHECKS
            # The provider doesn't count those that never reached it, and says how many remain.
            lost = sum(event.data.get("operation") == "retry" for event in row.events.filter(type="error"))
            assert 0 <= row.retry_count <= ding_settings.MAX_RETRIES + lost
            assert row.remaining_retry >= 0
            assert (row.status == "validated") == (str(row.public_id) in self.won)

    @invariant()
    def numbers_have_one_owner_and_users_one_primary(self):
        rows = list(PhoneNumber.objects.values_list("user_id", "is_primary"))
        owners = {user for user, _ in rows}
        assert {user: sum(primary for owner, primary in rows if owner == user) for user in owners} == dict.fromkeys(
            owners, 1
        )

    @invariant()
    def nothing_leaks(self):
        assert not self.leaks.found


class LifeInTrouble(Life):
    """A provider that fails now and then: what is called sent was sent, but not all that was sent is known of."""

    def __init__(self, *world):
        super().__init__(*world)
        self.troubled = False

    @rule(outcome=st.sampled_from(OUTCOMES["send"]), number=NUMBERS, purpose=PURPOSES)
    def fail_to_send(self, outcome, number, purpose):
        self.expect("send", outcome)
        self.send_code(ALICE, {"phone_number": number, "purpose": purpose})

    @rule(outcome=st.sampled_from(OUTCOMES["check"]), known=Life.ids)
    def fail_to_check(self, outcome, known):
        self.expect("check", outcome)
        self.check(OWNER, known, "000000")

    @rule(outcome=st.sampled_from(OUTCOMES["retry"]), known=Life.ids)
    def fail_to_retry(self, outcome, known):
        self.expect("retry", outcome)
        self.clock.shift(31)
        self.ask_about("retry_code", known, OWNER)

    def expect(self, operation, outcome):
        script(operation, outcome)
        self.troubled = self.troubled or outcome in [*OUTAGES, "unknown"]

    def compare(self, name, response, sent):
        assert response.status_code < 500 or self.troubled
        if (name, response.status_code) in {("send_code", 201), ("retry_code", 200)}:
            assert sent == 1


def number_of(known):
    return Authentication.objects.get(public_id=known[0]).phone_number


def test_life_of_authentications(api, clock, leaks, examples):
    run_state_machine_as_test(partial(Life, api, clock, leaks), settings=examples(0.3 / 25, stateful_step_count=STEPS))


def test_life_of_authentications_in_trouble(api, clock, leaks, examples):
    run_state_machine_as_test(
        partial(LifeInTrouble, api, clock, leaks), settings=examples(0.3 / 25, stateful_step_count=STEPS)
    )
