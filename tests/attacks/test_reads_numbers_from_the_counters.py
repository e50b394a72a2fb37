"""A stranger who can read the counters tries all numbers of a country, or all addresses, against their keys."""

from hashlib import blake2b

import pytest
from django.test import override_settings

from django_ding.conf import DEFAULT_MIN_CONVERSION, DEFAULT_RATE_LIMITS
from django_ding.models import Authentication, RateLimitCounter
from django_ding.services import send
from django_ding.testing import sandbox

IP = "192.0.2.7"
COUNTING = {
    "RATE_LIMIT_CACHE": None,
    "RATE_LIMITS": {"send": DEFAULT_RATE_LIMITS},
    "MIN_CONVERSION": DEFAULT_MIN_CONVERSION,
}


@pytest.fixture
def stored_keys(db, user, phone):
    """Return a function that sends a code with a secret key, and returns the keys of all counters then."""

    def stored_keys(secret_key):
        RateLimitCounter.objects.all().delete()
        Authentication.objects.all().delete()
        with override_settings(SECRET_KEY=secret_key), sandbox(**COUNTING):
            send(phone, user=user, ip=IP)
        return set(RateLimitCounter.objects.values_list("key", flat=True))

    return stored_keys


def test_no_key_is_the_hash_of_a_number_or_an_address(stored_keys, phone):
    keys = stored_keys("first")
    guesses = [blake2b(guess.encode(), digest_size=12).hexdigest() for guess in (phone, phone[:-4], "FR", IP, "all")]
    assert keys
    assert not [key for key in keys if any(guess in key for guess in guesses)]


def test_a_guess_needs_the_secret_key(stored_keys):
    assert not stored_keys("first") & stored_keys("second")


def test_every_process_with_the_secret_key_counts_in_the_same_place(stored_keys):
    assert stored_keys("the same") == stored_keys("the same")
