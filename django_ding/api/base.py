"""What all endpoints have in common."""

from collections.abc import Callable
from functools import cached_property
from typing import Any, ClassVar

from django.apps import apps
from django.utils.module_loading import import_string
from django.views.decorators.debug import sensitive_post_parameters
from rest_framework.authentication import BasicAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.generics import GenericAPIView
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import AdminRenderer, BaseRenderer, HTMLFormRenderer, JSONRenderer, TemplateHTMLRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.settings import api_settings
from rest_framework.versioning import BaseVersioning
from rest_framework.views import APIView

from django_ding import services
from django_ding.api.body import catch_errors, check_length
from django_ding.api.exceptions import to_api_exception
from django_ding.conf import ding_settings
from django_ding.error_reports import without_variables
from django_ding.exceptions import StepUpRequired
from django_ding.models.base import load_user, user_pk
from django_ding.transactions import NonAtomicView

if apps.is_installed("drf_spectacular"):
    from django_ding.api import schema  # noqa: F401 - importing it registers what documents the views

_ExceptionHandler = Callable[[Exception, dict[str, Any]], Response | None]

#: Any serializer can take the place of this app's.
SerializerClass = type[BaseSerializer[Any]] | None


#: They need a template or a form of the view.
_PAGE_RENDERERS = (TemplateHTMLRenderer, HTMLFormRenderer, AdminRenderer)

_ANYTHING = "*/*"


class _VersioningClass:
    """The project's default, which rejects calls of other versions than its own, only if the project asks for it."""

    def __get__(self, view: Any, owner: Any) -> type[BaseVersioning] | None:
        default: Any = api_settings.DEFAULT_VERSIONING_CLASS
        return default if ding_settings.REST_VERSIONING else None


class DingView(NonAtomicView, GenericAPIView[Any]):
    """Base class of the endpoints: failures as documented, no caching, no transaction around what is counted.

    Error reports contain neither what was posted nor a variable: it may be a code, a number or a token.
    """

    # A project's defaults are for its own lists, and would change the shape of these.
    filter_backends = []
    pagination_class = None
    versioning_class: Any = _VersioningClass()
    #: The longest body, in bytes; what the endpoints take has some hundreds.
    max_body_bytes: ClassVar[int] = 64 * 1024

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        """Return the view, marked as one whose POST parameters and variables are sensitive."""
        return sensitive_post_parameters()(without_variables(super().as_view(**initkwargs)))

    def get_renderers(self) -> list[BaseRenderer]:
        """Return those of the project's default ones that work with any view, or JSON's. A subclass may choose any."""
        if self.renderer_classes is APIView.renderer_classes:
            usable = [item for item in self.renderer_classes if not issubclass(item, _PAGE_RENDERERS)]
            self.renderer_classes = usable or [JSONRenderer]  # The browsable API reads them, too.
        return super().get_renderers()

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """Return the renderer and its media type: at once where the client takes anything, as most apps do."""
        # A body that is too long is refused before the view knows its format_kwarg.
        chosen = getattr(self, "format_kwarg", None) or request.query_params.get(api_settings.URL_FORMAT_OVERRIDE)
        takes_anything = not chosen and request.META.get("HTTP_ACCEPT", _ANYTHING) == _ANYTHING
        if takes_anything and self.content_negotiation_class is DefaultContentNegotiation:
            renderer = self.get_renderers()[0]
            return renderer, renderer.media_type
        return super().perform_content_negotiation(request, force)

    def get_parsers(self) -> list[BaseParser]:
        return [catch_errors(parser) for parser in super().get_parsers()]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Raise ``ContentTooLarge`` before the body is read, which also authentication does."""
        check_length(request, self.max_body_bytes)
        super().initial(request, *args, **kwargs)

    def handle_exception(self, exc: Exception) -> Response:
        """Return the response that the exception handler makes of one of REST framework's exceptions."""
        return super().handle_exception(to_api_exception(exc))

    def get_exception_handler(self) -> _ExceptionHandler:
        handler: _ExceptionHandler = import_string(ding_settings.REST_EXCEPTION_HANDLER)
        return handler

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response

    @cached_property
    def user(self) -> Any:
        """The row of the caller; ``None`` for an anonymous one, or one that is no user, such as an API key.

        :raises AuthenticationFailed: when the user of a token no longer exists.
        """
        user = load_user(self.request.user)
        if user is None and user_pk(self.request.user) is not None:
            raise AuthenticationFailed
        return user

    def check_step_up(self, phone_number: str | None = None, *, region: str | None = None) -> None:
        """Raise ``StepUpRequired`` unless the caller has confirmed that they are the user whose numbers change.

        Basic authentication does so with each request: it has the password.

        :param phone_number: the number to add, as posted.
        :param region: that of ``services.send``.
        """
        if isinstance(self.request.successful_authenticator, BasicAuthentication):
            return
        if services.needs_step_up(self.request, phone_number, region=region):
            raise StepUpRequired

    def get_validated_data(self) -> dict[str, Any]:
        """Return what the body contains, validated by ``serializer_class``."""
        serializer = self.get_serializer(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        validated: dict[str, Any] = serializer.validated_data
        return validated
