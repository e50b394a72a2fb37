import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import override_settings
from rest_framework import exceptions
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from django_ding.api.responses import exception_handler
from django_ding.exceptions import UnsupportedOperation
from django_ding.models import PhoneNumber
from django_ding.services import send


def answer(error):
    response = exception_handler(error, {})
    return response.status_code, response.data["code"]


def test_django_errors_are_translated():
    assert answer(Http404()) == (404, "not_found")
    assert answer(PermissionDenied()) == (403, "permission_denied")


def test_throttled_tells_when():
    response = exception_handler(exceptions.Throttled(wait=7.2), {})
    assert (response.status_code, response["Retry-After"]) == (429, "8")
    assert response.data["retry_after"] == 8


def test_challenge_is_passed_on():
    error = exceptions.NotAuthenticated()
    error.auth_header = "Basic"
    assert exception_handler(error, {})["WWW-Authenticate"] == "Basic"


def test_errors_without_a_field_are_in_errors():
    response = exception_handler(exceptions.ValidationError(["No."]), {})
    assert response.data["errors"] == {"non_field_errors": ["No."]}


def test_errors_without_a_field_have_the_projects_key():
    with override_settings(REST_FRAMEWORK={"NON_FIELD_ERRORS_KEY": "all"}):
        response = exception_handler(exceptions.ValidationError(["No."]), {})
    assert response.data["errors"] == {"all": ["No."]}


def test_our_own_faults_are_not_hidden():
    assert exception_handler(ZeroDivisionError(), {}) is None
    assert exception_handler(UnsupportedOperation(), {}) is None


class TokenError(exceptions.AuthenticationFailed):
    """Shaped as simplejwt's."""

    def __init__(self):
        super().__init__({"detail": "The token is invalid.", "code": "token_not_valid", "messages": [{"a": "b"}]})


def test_errors_of_other_packages_have_the_same_shape():
    response = exception_handler(TokenError(), {})
    assert response.data == {"code": "authentication_failed", "detail": "The token is invalid."}


def test_rows_deleted_meanwhile_are_not_found():
    assert answer(PhoneNumber.DoesNotExist()) == (404, "not_found")


def test_lists_of_errors_have_the_same_shape():
    response = exception_handler(exceptions.PermissionDenied(["One.", "Two."]), {})
    assert response.data["code"] == "permission_denied"


@pytest.mark.django_db
def test_own_views_may_have_the_same_format():
    class OwnView(APIView):
        def get_exception_handler(self):  # As ``EXCEPTION_HANDLER`` would have it.
            return exception_handler

        def post(self, request):
            send("12")

    response = OwnView.as_view()(APIRequestFactory().post("/"))
    assert (response.status_code, response.data["code"]) == (400, "invalid_phone_number")
