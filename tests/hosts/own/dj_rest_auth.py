import pytest
from dj_rest_auth.views import LoginView

from django_ding.login.mixins import PhoneVerificationLoginMixin
from tests.hosts.walk import PASSWORD, PHONE, App, create_user, outbox  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db


def test_its_login_view_is_refused():
    with pytest.raises(TypeError, match=r"\.LoginView is neither"):
        type("CodeLoginView", (PhoneVerificationLoginMixin, LoginView), {})


def test_both_logins_return_the_same_token(outbox):  # noqa: F811
    create_user("alice").ding_phone_numbers.create(phone_number=PHONE, is_primary=True)
    app = App()
    by_password = app.post("/auth/login/", {"username": "alice", "password": PASSWORD}).json()
    sent = app.call("login/", {"phone_number": PHONE}, status=201)
    by_number = app.call(f"login/{sent['id']}/check/", {"code": outbox[-1].code}, status=200)
    assert by_number == by_password
    token = {"authorization": f"Token {by_number['key']}"}
    assert App().get("/auth/user/", headers=token).json()["username"] == "alice"
    [number] = App().get("/api/phone/phone-numbers/", headers=token).json()
    assert number["phone_number"] == PHONE
