import pytest

from tests.hosts.walk import PASSWORD, PHONE, Browser, create_user, outbox, wrong  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db


def test_wrong_codes_lock_the_user(outbox):  # noqa: F811
    user = create_user("alice")
    user.ding_phone_numbers.create(phone_number=PHONE, is_primary=True)
    browser = Browser()
    code_page = browser.submit_and_go("/phone/login/", phone_number=PHONE)
    for _ in range(3):
        browser.post(code_page, {"code": wrong(outbox[-1].code)})
    assert browser.post("/accounts/login/", {"username": "alice", "password": PASSWORD}).status_code == 429
    browser.post(code_page, {"code": outbox[-1].code})
    assert not browser.is_signed_in
    assert len(outbox) == 1
