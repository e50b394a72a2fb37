"""The endpoints. They translate between HTTP and the services, and decide nothing."""

from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from rest_framework import status
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import NotAuthenticated, NotFound, ParseError
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from django_ding import services
from django_ding.api import answers, tokens
from django_ding.api.errors import exception_handler
from django_ding.api.serializers import (
    AUTHENTICATION,
    CHECK,
    LOGIN,
    SEND,
    PhoneNumberSerializer,
    SendSerializer,
    signals_of,
)
from django_ding.conf import ding_settings
from django_ding.guard.address import client_ip
from django_ding.models import Authentication, PhoneNumber
from django_ding.non_atomic import NonAtomicView
from django_ding.services.identifying import phone_backend
from django_ding.services.records import find, write_alias

#: The digits of the largest 64-bit key.
_MAX_KEY_DIGITS = 19


class DingView(NonAtomicView, APIView):
    """What the endpoints share: their own failures, no caching, and no transaction around the counting.

    What was posted is left out of error reports: it may be a code.
    """

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        """Return the view with Django's mark for what was posted."""
        return sensitive_post_parameters()(super().as_view(**initkwargs))

    def get_exception_handler(self) -> Callable[[Exception, dict[str, Any]], Response | None]:
        return exception_handler

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response


class AuthenticationListView(DingView):
    """Send codes."""

    permission_classes = [AllowAny]
    serializer: ClassVar[SendSerializer] = SEND

    @sensitive_variables()
    def post(self, request: Request) -> Response:
        """Send a code, or return the live authentication of the same requester, number and purpose."""
        asked = self.serializer.run_validation(_body(request))
        result = services.send_or_resume(
            asked["phone_number"],
            **self.whose(request.user, asked.get("purpose")),
            signals=signals_of(asked, client_ip(request.META)),
            locale=asked.get("locale"),
        )
        return answers.sent(result)

    def whose(self, user: Any, asked: str | None) -> dict[str, Any]:
        """Return for whom and for what to send: for the purpose asked for, or the caller's usual one.

        :raises NotAuthenticated: when it takes a user and there is none.
        """
        return {"user": user, "purpose": _permitted_purpose(user, asked)}


class AuthenticationView(DingView):
    """Look at an authentication."""

    permission_classes = [AllowAny]

    def get(self, request: Request, public_id: str) -> Response:
        """Return where the authentication stands."""
        return Response(AUTHENTICATION.to_representation(_authentication(request.user, public_id)))


class CheckView(DingView):
    """Check codes."""

    permission_classes = [AllowAny]

    @sensitive_variables()
    def post(self, request: Request, public_id: str) -> Response:
        """Check the code a user received."""
        code = CHECK.run_validation(_body(request))["code"]
        authentication = _authentication(request.user, public_id)
        return answers.checked(services.check(authentication, code))


class RetryView(DingView):
    """Send again."""

    permission_classes = [AllowAny]

    def post(self, request: Request, public_id: str) -> Response:
        """Send another message for the authentication."""
        return answers.retried(services.retry(_authentication(request.user, public_id)))


class LoginView(DingView):
    """Endpoints that are there only where the project lets people log in by phone alone.

    Who calls is not looked at, so that nobody is kept from logging in by a token that has expired.
    """

    authentication_classes: list[type[BaseAuthentication]] = []

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Let none of them exist otherwise: including the API must not open accounts that ask for a password."""
        if phone_backend() is None:
            raise NotFound
        super().initial(request, *args, **kwargs)


class LoginListView(LoginView, AuthenticationListView):
    """Send codes to log in with. Known and unknown numbers are treated the same."""

    serializer = LOGIN

    def whose(self, user: Any, asked: str | None) -> dict[str, Any]:
        """Return that it is for nobody yet, and for nothing else."""
        return {"user": None, "purpose": Authentication.Purpose.LOGIN}


class LoginCheckView(LoginView):
    """Check codes, and log in with the right one."""

    permission_classes = [AllowAny]

    @sensitive_variables()
    def post(self, request: Request, public_id: str) -> Response:
        """Answer the right code with what the project's token issuer makes for its user."""
        issuer = tokens.get_issuer()
        tokens.refuse_forged(request, issuer)
        code = CHECK.run_validation(_body(request))["code"]
        result = services.check(_login(public_id), code)
        if result.status is not services.CheckStatus.VALID:
            return answers.checked(result)
        return Response(issuer(request, services.identify(result.authentication)))


class LoginRetryView(LoginView):
    """Send codes to log in with again."""

    permission_classes = [AllowAny]

    def post(self, request: Request, public_id: str) -> Response:
        """Send another message for the login."""
        return answers.retried(services.retry(_login(public_id)))


class PhoneNumberListView(DingView):
    """The numbers of the signed-in user."""

    permission_classes = [IsAuthenticated]

    def get(self, request: Request) -> Response:
        """Return the user's verified numbers, the primary one first."""
        return Response(PhoneNumberSerializer(_phone_numbers(request.user), many=True).data)


class PhoneNumberView(DingView):
    """One number of the signed-in user."""

    permission_classes = [IsAuthenticated]

    def delete(self, request: Request, pk: str) -> Response:
        """Release the number."""
        services.remove(_phone_number(request.user, pk))
        return Response(status=status.HTTP_204_NO_CONTENT)


class MakePrimaryView(DingView):
    """The number to use for a user who has several."""

    permission_classes = [IsAuthenticated]

    def post(self, request: Request, pk: str) -> Response:
        """Make the number the primary one."""
        return Response(PhoneNumberSerializer(services.make_primary(_phone_number(request.user, pk))).data)


def _body(request: Request) -> Any:
    """Return the parsed body. The parsers don't say so of JSON nested without end, and of a charset that isn't one."""
    try:
        return request.data
    except (RecursionError, LookupError, UnicodeError):
        raise ParseError from None


def _permitted_purpose(user: Any, asked: str | None) -> str:
    """Return the purpose asked for, or the caller's usual one.

    :raises NotAuthenticated: when it takes a user and there is none.
    """
    if user and user.is_authenticated:
        return asked or Authentication.Purpose.LINK
    anonymous = ding_settings.ANONYMOUS_PURPOSES
    if not anonymous or (asked and asked not in anonymous):
        raise NotAuthenticated
    return asked or anonymous[0]


def _authentication(user: Any, public_id: str) -> Authentication:
    """Return the authentication of this id: the user's own, or one that belongs to nobody and whose id they know."""
    found = _found(public_id)
    if found is None or not _may_see(user, found):
        raise NotFound
    return found


def _login(public_id: str) -> Authentication:
    """Return the login of this id, which is for whoever knows it. One that a user made while signed in is not one."""
    found = _found(public_id)
    if found is None or found.purpose != Authentication.Purpose.LOGIN:
        raise NotFound
    # A login gets its user with the right code. The answer to another one is that the code was used.
    if found.user_id is not None and found.status != Authentication.Status.VALIDATED:
        raise NotFound
    return found


def _found(public_id: str) -> Authentication | None:
    try:
        return find(public_id=UUID(public_id))
    except ValueError:
        return None


def _may_see(user: Any, authentication: Authentication) -> bool:
    """Tell whether it is the user's own, or was made by somebody who was not signed in.

    One without a user but with another purpose belonged to a user whose account is gone.
    """
    if authentication.user_id is None:
        return authentication.purpose in ding_settings.ANONYMOUS_PURPOSES
    return bool(user) and authentication.user_id == user.pk


def _phone_numbers(user: Any) -> QuerySet[PhoneNumber]:
    return PhoneNumber.objects.using(write_alias()).filter(user=user)


def _phone_number(user: Any, pk: str) -> PhoneNumber:
    is_key = pk.isascii() and pk.isdecimal() and len(pk) <= _MAX_KEY_DIGITS
    found = _phone_numbers(user).filter(pk=int(pk)).first() if is_key else None
    if found is None:
        raise NotFound
    return found
