from datetime import timedelta

import pytest
from django.utils import translation
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory, force_authenticate
from rest_framework.views import APIView

from django_ding.api.permissions import IsPhoneVerified
from django_ding.models import PhoneNumber

pytestmark = pytest.mark.django_db


class Quarterly(IsPhoneVerified):
    max_age = timedelta(days=90)


@pytest.fixture
def number(clock, user, phone):
    return PhoneNumber.objects.create(user=user, phone_number=phone)


def get(user, permission=IsPhoneVerified):
    """Ask a view of the project's own."""

    class View(APIView):
        permission_classes = [permission]

        def get(self, request):
            return Response("Welcome.")

    request = APIRequestFactory().get("/")
    if user:
        force_authenticate(request, user)
    return View.as_view()(request)


def test_verified_user_is_let_in(number, user):
    assert get(user).status_code == 200


def test_other_user_gets_the_reason(number, other_user):
    response = get(other_user)
    assert response.status_code == 403
    assert response.data == {"code": "phone_not_verified", "detail": "Verify your phone number first."}


def test_other_user_gets_the_reason_in_the_active_language(number, other_user):
    with translation.override("fr"):
        assert get(other_user).data["detail"] == "Vérifiez d’abord votre numéro de téléphone."


def test_anonymous_must_log_in_first(number):
    response = get(None)
    assert response.status_code in (401, 403)
    assert response.data["detail"].code == "not_authenticated"


@pytest.mark.parametrize("permission", [IsPhoneVerified.within(timedelta(days=90)), Quarterly])
def test_number_has_to_be_verified_anew(clock, number, user, permission):
    assert get(user, permission).status_code == 200
    clock.shift(90 * 86400)
    assert get(user, permission).data["code"] == "phone_not_verified"
    assert get(user).status_code == 200


def test_permission_goes_with_others(number, user):
    assert get(user, IsAuthenticated & IsPhoneVerified.within(timedelta(days=90))).status_code == 200
