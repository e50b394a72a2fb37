"""Request bodies within bounds of size and depth, which REST framework and its parsers leave open."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request


class ContentTooLarge(APIException):
    """The body is longer than the view reads."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = _("The request is too large.")
    default_code = "content_too_large"


def check_length(request: Request, limit: int) -> None:
    """Check the length of a body before anything of it is read.

    Without a ``Content-Length``, as where the body comes in chunks, REST framework reads none.

    :param limit: in bytes.
    :raises ContentTooLarge: when it is longer.
    """
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = 0
    is_within = 0 <= length <= limit
    # The page for browsers would read the body again to show an error, and REST framework goes by a header of a
    # similar name where this one is missing.
    request.META["CONTENT_LENGTH"] = str(length if is_within else 0)
    if not is_within:
        raise ContentTooLarge


def catch_errors(parser: BaseParser) -> BaseParser:
    """Let a parser raise ``ParseError`` for what those of REST framework don't catch.

    That is JSON nested too deeply, and an unknown charset. Not only the views parse: the check of a CSRF token does.
    """
    parser.parse = partial(_parse, parser.parse)  # type: ignore[method-assign]
    return parser


def _parse(parse: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    try:
        return parse(*args, **kwargs)
    except (RecursionError, LookupError, UnicodeError):
        raise ParseError from None
