"""What a login by the REST API returns."""

from typing import Any

from rest_framework.request import Request

from django_ding.api.tokens import authtoken, session


def issue(request: Request, user: Any) -> dict[str, Any]:
    """Log a browser in with a session, which needs Django's CSRF token, and return a token to anything else.

    A page of another site can't send the header, and can't read the token.
    """
    return session(request, user) if "X-CSRFToken" in request.headers else authtoken(request, user)
