"""The helpers that other projects test with, used as they would."""

import pytest
from django.test import TestCase, override_settings

from django_ding.exceptions import BackendUnavailable
from django_ding.services import CheckStatus, check, send
from django_ding.testing import SandboxMixin, outbox, sandbox, script
from tests.settings import ENGINE


@pytest.mark.django_db
def test_outbox_holds_the_messages_oldest_first(phone):
    send(phone)
    send("+12025550100")
    assert [message.phone_number for message in outbox] == [phone, "+12025550100"]
    assert [message.phone_number for message in outbox[-1:]] == ["+12025550100"]
    assert outbox[0].channel == "sms"
    assert outbox[0].code in outbox[0].content
    assert len(outbox.to(phone)) == 1


@pytest.mark.django_db
def test_outbox_does_not_print_codes(phone):
    send(phone)
    assert repr(outbox) == "<Outbox of 1>"
    for secret in (outbox[0].code, phone):
        assert secret not in repr(outbox[0])


@pytest.mark.django_db
def test_outbox_can_be_cleared(phone):
    send(phone)
    outbox.clear()
    assert not outbox


@pytest.mark.django_db
@override_settings(DING={"BACKENDS": {"default": {"BACKEND": "nowhere"}, "other": {"BACKEND": "nowhere"}}})
def test_sandbox_replaces_every_backend(phone):
    with sandbox() as messages:
        send(phone)
        send("+12025550100", backend="other")
        assert len(messages) == 2


@pytest.mark.django_db
@override_settings(DING={})
def test_sandbox_needs_no_settings(phone):
    with sandbox():
        assert send(phone).authentication.status == "pending"


@pytest.mark.django_db
def test_script_decides_in_order(phone):
    script("check", "expired_auth")
    script("send", "pending", "server_error")
    authentication = send(phone).authentication
    with pytest.raises(BackendUnavailable):
        send("+12025550100")
    assert check(authentication, "123456").status is CheckStatus.EXPIRED_AUTH


def test_script_refuses_what_does_not_exist():
    with pytest.raises(ValueError, match="spam_detected"):
        script("send", "splendid")
    with pytest.raises(ValueError, match="retry"):
        script("dance", "pending")


class SandboxMixinTests(SandboxMixin, TestCase):
    def test_outbox_is_empty_at_first(self):
        assert not self.outbox
        send("+33612345678")
        assert len(self.outbox) == 1

    def test_outbox_is_empty_in_the_next_test_too(self):
        self.test_outbox_is_empty_at_first()


@pytest.mark.skipif(ENGINE != "sqlite3", reason="a run of its own, which makes another database")
def test_fixture_comes_with_the_package(pytester, pytestconfig):
    pytester.makepyfile(
        """
        import pytest
        from django_ding.services import check, send

        @pytest.mark.django_db
        def test_sign_up(ding_outbox):
            authentication = send("+33612345678").authentication
            assert check(authentication, ding_outbox[-1].code).status == "valid"
        """
    )
    pytester.makeini(
        f"[pytest]\nDJANGO_SETTINGS_MODULE = tests.settings\ndjango_find_project = false\n"
        f"pythonpath = {pytestconfig.rootpath}\n"
    )
    others = ("randomly", "cacheprovider", "hypothesispytest", "xdist")
    result = pytester.runpytest_subprocess(*[f"-pno:{plugin}" for plugin in others])
    result.assert_outcomes(passed=1)
