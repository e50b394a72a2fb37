"""The steps that the flows share: the services, as a page asks them."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.translation import get_language, to_locale
from django.views.decorators.debug import sensitive_variables

from django_ding import services
from django_ding.backends.base import CheckStatus, DeviceType, RetryStatus
from django_ding.exceptions import DingError
from django_ding.guard.address import client_ip
from django_ding.login import sentences
from django_ding.models import Authentication
from django_ding.services import CheckResult, Signals


class Refused(Exception):
    """The step was not taken; ``str(refused)`` is a sentence for the visitor.

    It is empty where the page says it by itself, and the session is best left alone.
    """


@sensitive_variables()
def send(request: HttpRequest, phone_number: str, *, purpose: str, user: Any = None) -> Authentication:
    """Send a code, in the language of the page.

    :raises Refused: when there is no code to enter.
    """
    signals = Signals(ip=client_ip(request.META), device_type=DeviceType.WEB)
    try:
        authentication = services.send(
            phone_number, user=user, purpose=purpose, signals=signals, locale=_language_tag()
        )
    except DingError as error:
        raise Refused(sentences.of_error(error)) from None
    if reason := sentences.of_state(authentication):
        raise Refused(reason)
    return authentication


@sensitive_variables()
def check(authentication: Authentication, code: str) -> CheckResult:
    """Check a code, and return the result of the one that is right.

    :raises Refused: for any other. Where another request has just won the same code, it may have signed the visitor
        in under another session key, and saving this session would fail: so there is no sentence to keep.
    """
    try:
        result = services.check(authentication, code)
    except DingError as error:
        raise Refused(sentences.of_error(error)) from None
    if result.status is CheckStatus.ALREADY_VALIDATED:
        raise Refused("")
    if result.status is not CheckStatus.VALID:
        raise Refused(sentences.of_check(result))
    return result


def retry(authentication: Authentication) -> None:
    """Send another code.

    :raises Refused: when none is on its way.
    """
    try:
        result = services.retry(authentication)
    except DingError as error:
        raise Refused(sentences.of_error(error)) from None
    if result.status is not RetryStatus.APPROVED:
        raise Refused(sentences.of_retry(result))


def with_next(url: str, destination: str, field: str = "next") -> str:
    """Return a URL of ours with where to go afterwards, if anywhere."""
    return f"{url}?{urlencode({field: destination})}" if destination else url


def _language_tag() -> str | None:
    """Return the active language as BCP 47 writes it: ``pt-BR`` for Django's ``pt-br``."""
    language = get_language()
    return to_locale(language).replace("_", "-") if language else None
