from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions

from django_ding.api.errors import exception_handler
from django_ding.exceptions import UnsupportedOperation


def answer(error):
    response = exception_handler(error, {})
    return response.status_code, response.data["code"]


def test_django_errors_are_translated():
    assert answer(Http404()) == (404, "not_found")
    assert answer(PermissionDenied()) == (403, "permission_denied")


def test_throttled_tells_when():
    response = exception_handler(exceptions.Throttled(wait=7.2), {})
    assert (response.status_code, response["Retry-After"]) == (429, "8")


def test_challenge_is_passed_on():
    error = exceptions.NotAuthenticated()
    error.auth_header = "Basic"
    assert exception_handler(error, {})["WWW-Authenticate"] == "Basic"


def test_errors_without_a_field_are_told():
    response = exception_handler(exceptions.ValidationError(["No."]), {})
    assert response.data["non_field_errors"] == ["No."]


def test_our_own_faults_are_not_hidden():
    assert exception_handler(ZeroDivisionError(), {}) is None
    assert exception_handler(UnsupportedOperation(), {}) is None
