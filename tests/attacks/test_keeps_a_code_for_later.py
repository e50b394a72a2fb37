"""A stranger who saw a code enters it hours later: the provider says that it is still valid."""

from datetime import timedelta
from typing import ClassVar

import pytest
from django.utils import timezone

from django_ding.backends.base import BaseBackend
from django_ding.backends.types import CheckResponse, RetryResponse, SendResponse, StatusResponse
from django_ding.services import check, refresh, retry, send
from tests.stubs import using

pytestmark = pytest.mark.django_db

NUMBER = "+12025550100"


class Patient(BaseBackend):
    """Takes any code for right, and lets it live for a time of its own."""

    supports_status = True
    life: ClassVar[timedelta] = timedelta(hours=24)
    opens_another: ClassVar[bool] = False

    def send(self, request):
        return SendResponse(status="pending", authentication_uuid="u", expires_at=timezone.now() + self.life)

    def check(self, sent, code):
        return CheckResponse(status="valid")

    def retry(self, sent, *, channel=None):
        uuid = "v" if self.opens_another else "u"
        expires_at = timezone.now() + self.life
        return RetryResponse(
            status="approved", is_new=self.opens_another, authentication_uuid=uuid, expires_at=expires_at
        )

    def status(self, sent):
        return StatusResponse(uuid=sent.authentication_uuid, expires_at=timezone.now() + self.life)


class Renewing(Patient):
    is_per_number = True
    opens_another = True


class Hasty(Patient):
    life = timedelta(minutes=2)


class Ahead(Patient):
    """Has a clock that is a little ahead."""

    life = timedelta(seconds=603)


def seconds_left(authentication):
    authentication.refresh_from_db()
    return (authentication.expires_at - timezone.now()).total_seconds()


def stated(authentication):
    return [name for event in authentication.events.all() for name in event.data.get("from_provider", [])]


@pytest.mark.parametrize("again", [retry, refresh])
def test_code_ends_with_its_timeout(clock, again):
    with using(Patient):
        authentication = send(NUMBER).authentication
        clock.shift(300)
        again(authentication)
        assert seconds_left(authentication) == 300
        clock.shift(301)
        assert check(authentication, "123456").status == "expired_auth"


def test_what_the_settings_decided_is_not_shown_as_the_providers(clock):
    with using(Patient):
        authentication = send(NUMBER).authentication
        clock.shift(30)
        retry(authentication)
        refresh(authentication)
        assert "expires_at" not in stated(authentication)


def test_another_window_has_another_timeout(clock):
    with using(Renewing):
        authentication = send(NUMBER).authentication
        clock.shift(300)
        retry(authentication)
        assert seconds_left(authentication) == 600
        clock.shift(60)
        refresh(authentication)
        assert seconds_left(authentication) == 540


def test_provider_may_end_a_code_sooner(clock):
    with using(Hasty):
        authentication = send(NUMBER).authentication
        assert seconds_left(authentication) == 120
        clock.shift(90)
        retry(authentication)
        assert seconds_left(authentication) == 120
        assert stated(authentication) == ["expires_at", "expires_at"]


def test_clock_of_the_provider_may_be_ahead(clock):
    with using(Ahead):
        authentication = send(NUMBER).authentication
        assert (seconds_left(authentication), stated(authentication)) == (600, ["expires_at"])
