"""The endpoints. They translate between HTTP and the services, and decide nothing.

Override them as REST framework's generic views: ``serializer_class``, ``permission_classes``, ``get_object`` …
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib.auth import authenticate
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import NotAuthenticated, NotFound, ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from django_ding import services
from django_ding.api import tokens
from django_ding.api.base import DingView, SerializerClass
from django_ding.api.exceptions import PhoneAPIException
from django_ding.api.responses import check_response, retry_response, send_response
from django_ding.api.serializers import (
    DEVICE_FIELDS,
    CheckCodeSerializer,
    PhoneAuthenticationSerializer,
    RetryCodeSerializer,
    SendCodeSerializer,
    SendLoginCodeSerializer,
)
from django_ding.codes import user_message
from django_ding.conf import ding_settings
from django_ding.exceptions import NoAccount
from django_ding.models import Authentication
from django_ding.models.base import user_key, user_pk


class SendView(DingView):
    """Send a code."""

    permission_classes = [AllowAny]
    serializer_class: SerializerClass = SendCodeSerializer
    #: Serializes the authentication; ``serializer_class`` validates the body.
    response_serializer_class: ClassVar[type[BaseSerializer[Any]]] = PhoneAuthenticationSerializer

    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Send a code, or return the live authentication of the same requester, number and purpose.

        Posting the same number again before `next_retry_at` sends nothing; after it, the authentication is retried. A
        retry that fails is answered as that of the retry endpoint.
        """
        arguments = self.get_send_kwargs(self.get_validated_data())
        if arguments["purpose"] == Authentication.Purpose.LINK:
            self.check_step_up(arguments["phone_number"], region=arguments.get("region"))
        return send_response(services.send(**arguments), self.response_serializer_class)

    def get_send_kwargs(self, validated_data: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments of ``services.send``."""
        signals = {name: validated_data[name] for name in DEVICE_FIELDS if name in validated_data}
        return {
            "phone_number": validated_data["phone_number"],
            "user": self.user,
            "purpose": self.get_purpose(validated_data.get("purpose")),
            "request": self.request,
            "channel": validated_data.get("channel"),
            "device_signals": services.DeviceSignals(**signals),
            "locale": validated_data.get("locale"),
            "dispatch_id": validated_data.get("dispatch_id"),
        }

    def get_purpose(self, purpose: str | None) -> str:
        """Return the purpose, by default the caller's usual one.

        :raises NotAuthenticated: when it needs a user.
        """
        if self.user is not None:
            return purpose or Authentication.Purpose.LINK
        anonymous = ding_settings.ANONYMOUS_PURPOSES
        # Not ``PermissionDenied``: the same request works once the caller has logged in.
        if not anonymous or (purpose and purpose not in anonymous):
            raise NotAuthenticated
        return purpose or anonymous[0]


class SingleAuthenticationView(DingView):
    """Base class of the endpoints of one authentication."""

    permission_classes = [AllowAny]
    lookup_field = "public_id"

    def get_object(self) -> Authentication:
        """Return the authentication in the URL, if the caller is permitted to use it."""
        try:
            authentication = services.get_authentication(self.kwargs[self.lookup_url_kwarg or self.lookup_field])
        except Authentication.DoesNotExist:
            raise NotFound from None
        self.check_object_permissions(self.request, authentication)
        return authentication

    def check_object_permissions(self, request: Request, obj: Authentication) -> None:
        """Raise ``NotFound`` for another's authentication, so that the response doesn't reveal that it exists.

        It is not one of the ``permission_classes``, so that a project can add to those and still have it.
        """
        if not self.has_access(obj):
            raise NotFound
        super().check_object_permissions(request, obj)

    def has_access(self, authentication: Authentication) -> bool:
        """Return whether it is the caller's own, or that of an anonymous caller, whose id is enough."""
        if authentication.user_id is None:
            # With any other purpose, it belonged to a user who has been deleted.
            return authentication.purpose in ding_settings.ANONYMOUS_PURPOSES
        # A token's user may never have been loaded, so that its key is as the token has it.
        return user_key(authentication.user_id) == user_key(user_pk(self.request.user))


class AuthenticationView(SingleAuthenticationView):
    """Retrieve an authentication."""

    serializer_class: SerializerClass = PhoneAuthenticationSerializer

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return the authentication. Its `status`:

        - `pending`: a code was sent, and can be entered until `expires_at`
        - `created`: the code is being sent; ask again
        - `unknown`: the provider gave an unfamiliar status; a code may arrive, and can be entered
        - `validated`, `expired`, `failed`: final
        - `rate_limited`, `spam_detected`: the provider refused to send a code
        """
        return Response(self.get_serializer(self.get_object()).data)


class CheckView(SingleAuthenticationView):
    """Check a code."""

    serializer_class: SerializerClass = CheckCodeSerializer

    def get_validated_data(self) -> dict[str, Any]:
        """Return the body, or raise ``invalid_code`` for a code that is missing or no text."""
        try:
            return super().get_validated_data()
        except ValidationError as error:
            # Another body than an object has no code. The project may have named the errors of no field "code".
            if isinstance(self.request.data, Mapping) and "code" in error.detail:
                raise PhoneAPIException("invalid_code", user_message("invalid_code"), errors=error.detail) from None
            raise

    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Check the code that the user received. Spaces, dashes and any Unicode digits are accepted.

        A correct code is accepted once. With the purpose `link`, the number is then linked to the user's account; with
        `step_up`, the response has the `proof` for the header `Step-Up-Proof`.
        """
        code = self.get_validated_data()["code"]
        result = services.check(self.get_object(), code, request=request._request)
        is_step_up = result.authentication.purpose == Authentication.Purpose.STEP_UP
        if is_step_up and result.status is services.CheckStatus.VALID:
            return check_response(result, proof=services.step_up_by_code(request, result.authentication))
        return check_response(result)


class RetryView(SingleAuthenticationView):
    """Send another message."""

    serializer_class: SerializerClass = RetryCodeSerializer

    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Send another message, from `next_retry_at` on. The provider may choose another channel."""
        channel = self.get_validated_data().get("channel")
        return retry_response(services.retry(self.get_object(), channel=channel))


class LoginView(DingView):
    """Base class of the login endpoints, which exist only where the project allows login by phone alone.

    They ignore authentication, so an expired token doesn't keep a user from logging in again.
    """

    authentication_classes: list[type[BaseAuthentication]] = []

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Raise ``NotFound`` without a phone backend: including the API must not open accounts with passwords."""
        if services.phone_backend() is None:
            raise NotFound
        super().initial(request, *args, **kwargs)

    def has_access(self, authentication: Authentication) -> bool:
        """Return whether it is a login, whose id is enough."""
        # A login gets its user with the correct code, and stays accessible to say that the code was used. One that has
        # a user before was sent by that user, for something else.
        is_users_own = authentication.user_id is not None and authentication.status != Authentication.Status.VALIDATED
        return authentication.purpose == Authentication.Purpose.LOGIN and not is_users_own


class LoginSendView(LoginView, SendView):
    """Send a code to log in with. Known and unknown numbers are treated the same."""

    serializer_class: SerializerClass = SendLoginCodeSerializer

    def get_send_kwargs(self, validated_data: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments of ``services.send`` for a login, which has no user yet."""
        return super().get_send_kwargs(validated_data) | {"user": None}

    def get_purpose(self, purpose: str | None) -> str:
        """Return the only purpose."""
        return Authentication.Purpose.LOGIN


class LoginCheckView(LoginView, CheckView):
    """Check a code, and log in with the correct one."""

    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return what the project's token issuer makes for the user who entered the correct code.

        It is a token, or a session, which needs Django's CSRF token. A correct code is accepted once.
        """
        issuer = tokens.get_issuer()
        tokens.check_csrf(request, issuer)  # Before the code, which would be spent.
        code = self.get_validated_data()["code"]
        result = services.check(self.get_object(), code, request=request._request)
        if result.status is not services.CheckStatus.VALID:
            return check_response(result)
        # Through AUTHENTICATION_BACKENDS as on the pages, so that a project's own backend can reject the user.
        user = authenticate(request._request, authentication=result.authentication)
        if user is None:
            raise NoAccount
        return Response(issuer(request, user))


class LoginRetryView(LoginView, RetryView):
    """Send another message to log in with."""
