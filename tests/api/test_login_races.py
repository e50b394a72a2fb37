"""Many at once, on connections of their own."""

import pytest
from django.contrib.auth import get_user_model
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from django_ding.models import PhoneNumber
from django_ding.testing import sandbox, script
from tests.helpers import at_once

pytestmark = pytest.mark.django_db(transaction=True)

URL = "/api/phone/login/"
KNOX = "django_ding.api.tokens.knox"


def post(url, body, address="127.0.0.1"):
    return APIClient().post(url, body, format="json", REMOTE_ADDR=address)


@pytest.mark.parametrize("believed", [False, True])
def test_right_codes_at_once_issue_one_token(user, phone, believed):
    """Also where the provider calls each one valid."""
    PhoneNumber.objects.create(user=user, phone_number=phone)
    with sandbox(TOKEN_ISSUER=KNOX, MAX_CHECKS=50) as outbox:
        url = f"{URL}{post(URL, {'phone_number': phone}).json()['id']}/check/"
        script("check", *["valid"] * 50 * believed)
        answers = at_once(*[lambda: post(url, {"code": outbox[-1].code})] * 50)
    statuses = [answer.status_code for answer in answers]
    assert statuses.count(200) == 1
    # 410 for who comes after a loser has closed it, and before the winner has settled it.
    assert set(statuses) <= {200, 409, 410}
    assert user.auth_token_set.count() == 1


@pytest.mark.parametrize("factory", ["create_user", "create_user_with_number"])
def test_logins_of_a_new_number_at_once_make_one_user(phone, factory):
    """Also where the second user is in the way of the first, and not only the second number."""
    settings = {"TOKEN_ISSUER": "django_ding.api.tokens.authtoken", "LOGIN_CREATES_USER": True, "RATE_LIMITS": {}}
    settings["USER_FACTORY"] = f"django_ding.services.{factory}"
    with sandbox(**settings, SANDBOX={"stateless": False}) as outbox:
        calls = []
        for n in range(20):
            address = f"192.0.2.{n}"
            url = f"{URL}{post(URL, {'phone_number': phone}, address).json()['id']}/check/"
            calls.append(lambda url=url, code=outbox[-1].code: post(url, {"code": code}))
        answers = at_once(*calls)
    assert [answer.status_code for answer in answers] == [200] * 20
    assert get_user_model().objects.count() == PhoneNumber.objects.count() == Token.objects.count() == 1
    assert {answer.json()["token"] for answer in answers} == {Token.objects.get().key}
