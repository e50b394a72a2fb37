"""The page that visitors get while the database can't be used."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from django_ding.codes import UNAVAILABLE
from django_ding.database import OUTAGES, report_outage

_View = Callable[..., HttpResponseBase]

_RETRY_AFTER = "30"  # Seconds.


def answer_outages(view: _View) -> _View:
    """Answer with 503 where the database can't be used, and log why."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except OUTAGES as error:
            report_outage(error)
        # Without the request: context processors may read the session or the user from the database.
        content = render_to_string(
            "django_ding/login/unavailable.html", {"heading": _("Temporarily unavailable"), "intro": UNAVAILABLE}
        )
        return HttpResponse(content, status=503, headers={"Retry-After": _RETRY_AFTER})

    return wrapper
