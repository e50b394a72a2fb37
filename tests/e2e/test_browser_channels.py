"""No SMS comes, so somebody asks for the code by WhatsApp, and then for a phone call."""

import pytest

from django_ding.models import Authentication
from tests.e2e.person import LOGIN_CODE, RESEND

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def channels(example, settings):
    settings.DING = {**settings.DING, "RETRY_COOLDOWN": 0}


@pytest.fixture
def agent(account, phone):
    """The account ``demo``, which may look at the admin and has a verified number."""
    account.is_staff = account.is_superuser = True
    account.save()
    account.ding_phone_numbers.create(phone_number=phone, is_primary=True)
    return account


def buttons(person) -> list[str]:
    return person.page.locator("section button").all_inner_texts()


def test_no_sms_then_whatsapp_then_a_call(channels, agent, person, phone, outbox):
    person.request_code(phone)
    assert buttons(person) == [RESEND, "WhatsApp", "Call me"]
    person.press("Send by WhatsApp")
    assert person.path == LOGIN_CODE
    assert "We sent a code by WhatsApp to this number: +33\xa06\xa012\xa034\xa056\xa078" in person.text
    assert buttons(person) == [RESEND, "SMS", "Call me"]
    person.press("Call me with a code")
    assert "We're calling this number with a code:" in person.text
    person.submit(code=outbox[-1].code)
    assert person.heading == "You are logged in"

    row = Authentication.objects.get()
    person.open(f"/admin/django_ding/authentication/{row.pk}/change/")
    timeline = person.page.inner_text("#ding-timeline + .ding-timeline")
    told = ["Message 2 sent by WhatsApp, as requested.", "Message 3 sent by phone call, as requested."]
    assert [timeline.count(sentence) for sentence in told] == [1, 1]
    person.open("/admin/django_ding/authentication/?channel=voice")
    assert person.page.locator("#result_list tbody tr").count() == 1
