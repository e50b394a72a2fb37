"""The pages that ask whether to do something to rows, and do it."""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View

from django_ding.admin import wording
from django_ding.admin.deeds import Deed
from django_ding.admin.events.explaining import explain
from django_ding.admin.keys import with_keys
from django_ding.exceptions import BackendUnavailable, DingError
from django_ding.non_atomic import NonAtomicView

#: Rows that something is done to at once. Each may be a call to the provider.
MOST = 50


def action_of(deed: Deed) -> Callable[..., HttpResponse]:
    """Return the action of a list that leads to the page that asks."""

    @admin.action(description=cast("str", deed.label), permissions=[deed.permission])
    def ask(model_admin: Any, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse:
        keys = list(rows.values_list("pk", flat=True)[:MOST])
        return HttpResponseRedirect(model_admin.url(deed.name, pk=keys, next=request.get_full_path()))

    ask.__name__ = deed.name  # The list's form calls it by this.
    return ask


class DeedView(NonAtomicView, View):
    """Asks by GET, does by POST. The rows are named by ``pk``, and ``next`` is where to go afterwards."""

    http_method_names = ["get", "head", "post"]
    model_admin: Any = None
    deed: Any = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Let in who may do it, and find the rows."""
        if not self.model_admin.permits(self.deed, request):
            raise PermissionDenied
        given = request.POST if request.method == "POST" else request.GET
        self.next_url = self._next_url(request, given.get("next", ""))
        self.rows = self._rows(request, given.getlist("pk"))
        if not self.rows:
            self.model_admin.message_user(request, _("There is nothing to do."), messages.WARNING)
            return HttpResponseRedirect(self.next_url)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        """Ask whether to do it."""
        context = {
            **self.model_admin.admin_site.each_context(request),
            "title": self.deed.label,
            "original": self.deed.label,  # What the way back ends in.
            "has_view_permission": True,
            "opts": self.model_admin.opts,
            "deed": self.deed,
            "rows": [(row.pk, self.model_admin.name_of(row)) for row in self.rows],
            "next_url": self.next_url,
            "media": self.model_admin.media,
        }
        request.current_app = self.model_admin.admin_site.name
        return TemplateResponse(request, "admin/django_ding/confirm.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Do it to one row after the other, and tell of each what happened. An outage ends it."""
        for place, row in enumerate(self.rows, start=1):
            if not self._do(request, row):
                self._tell_of_rest(request, len(self.rows) - place)
                break
        return HttpResponseRedirect(self.next_url)

    def _do(self, request: HttpRequest, row: Any) -> bool:
        """Tell whether it makes sense to go on."""
        failure: Exception | None = None
        try:
            sentence, level = self.deed.perform(row), messages.SUCCESS
        except (DingError, ImproperlyConfigured) as error:
            failure, sentence, level = error, _failure(error), messages.ERROR
        self.model_admin.log_change(request, row, wording.told(self.deed.label, sentence))
        self.model_admin.message_user(request, wording.told(self.model_admin.name_of(row), sentence), level)
        return not isinstance(failure, BackendUnavailable)

    def _tell_of_rest(self, request: HttpRequest, count: int) -> None:
        if count:
            told = ngettext("%(count)d more was left alone.", "%(count)d more were left alone.", count)
            self.model_admin.message_user(request, told % {"count": count}, messages.WARNING)

    def _rows(self, request: HttpRequest, keys: Iterable[str]) -> list[Any]:
        return list(with_keys(self.model_admin.get_queryset(request), islice(keys, MOST)).order_by("-pk"))

    def _next_url(self, request: HttpRequest, url: str) -> str:
        is_here = url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
        return url if url and is_here else str(self.model_admin.url("changelist"))


def _failure(error: Exception) -> str:
    if isinstance(error, DingError):
        return _("It failed: %(reason)s (%(code)s).") % {"reason": explain(error.code).reason, "code": error.code}
    return _("It failed: the backend is not in the settings any more, or they can't be read.")
