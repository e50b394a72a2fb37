"""Admin actions that ask for confirmation. Each calls a service for every row and reports the result."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views import View

from django_ding import clock, humanize, services
from django_ding.admin.capabilities import can_refresh, can_report
from django_ding.admin.history import log_for_user
from django_ding.admin.large_tables import filter_by_keys
from django_ding.backends.types import FeedbackStatus
from django_ding.codes import describe_code
from django_ding.exceptions import BackendUnavailable, DingError
from django_ding.models import Authentication, LostPhoneNumber, PhoneNumber
from django_ding.transactions import NonAtomicView

_Text = str | Promise

#: Rows of one confirmation. Each may be a call to the provider.
MAX_ROWS = 50

# Before Django 6.1 an action is one of the list alone, and pages of rows have no actions of their own.
_ON_BOTH_PAGES: dict[str, Any] = {}
_OF_CHANGE_FORM: dict[str, Any] = {}
if location := getattr(admin, "ActionLocation", None):
    _ON_BOTH_PAGES["location"] = [location.CHANGE_LIST, location.CHANGE_FORM]
    _OF_CHANGE_FORM["action_location"] = location.CHANGE_FORM


@dataclass(frozen=True, kw_only=True)
class Action:
    """An admin action with a confirmation page.

    :ivar name: its place in URLs.
    :ivar permission: checked by the model admin's ``has_<permission>_permission()``.
    :ivar description: the label of its button.
    :ivar consequence: what the confirmation page says.
    :ivar perform: takes a row and returns the result in a sentence; raises what the service raises.
    :ivar is_available: returns whether the page of a row offers it.
    :ivar deletes_row: whether the row is gone afterwards, and with it its page and history.
    :ivar is_irreversible: whether its button is red.
    """

    name: str
    permission: str
    description: _Text
    consequence: _Text
    perform: Callable[[Any], str]
    is_available: Callable[[Any], bool] = lambda row: True
    deletes_row: bool = False
    is_irreversible: bool = False

    def as_admin_action(self) -> Callable[..., HttpResponse]:
        """Return Django's admin action, which redirects to the confirmation page."""

        def confirm(model_admin: Any, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse:
            keys = list(queryset.values_list("pk", flat=True)[:MAX_ROWS])
            # A page of its own, since a list under ATOMIC_REQUESTS and Django's change form are in a transaction,
            # in which no service calls the provider.
            return HttpResponseRedirect(model_admin.url(self.name, pk=keys, next=request.get_full_path()))

        confirm.__name__ = self.name  # Django identifies the action by this.
        decorator = admin.action(
            description=cast("str", self.description), permissions=[self.permission], **_ON_BOTH_PAGES
        )
        return cast("Callable[..., HttpResponse]", decorator(confirm))


def change_form_actions(model_admin: Any, request: HttpRequest) -> Iterable[str]:
    """Return the names of the actions that a user has on the page of a row."""
    return cast("Iterable[str]", model_admin.get_actions(request, **_OF_CHANGE_FORM))


class ActionConfirmationView(NonAtomicView, View):
    """Ask for confirmation on GET, perform the action on POST.

    ``pk`` names the rows, ``next`` is where to go afterwards.
    """

    http_method_names = ["get", "head", "post"]
    model_admin: Any = None
    action: Any = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Check the permission and find the rows."""
        if not self.model_admin.has_action_permission(request, self.action):
            raise PermissionDenied
        data = request.POST if request.method == "POST" else request.GET
        self.next_url = get_next_url(self.model_admin, request, data.get("next", ""))
        keys = islice(data.getlist("pk"), MAX_ROWS)
        self.rows = list(filter_by_keys(self.model_admin.get_queryset(request), keys).order_by("-pk"))
        if not self.rows:
            self.model_admin.message_user(request, _("Nothing to do."), messages.WARNING)
            return HttpResponseRedirect(self.next_url)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show what the action does, and to which rows."""
        context = {
            "title": self.action.description,
            "action": self.action,
            "rows": [(row.pk, self.model_admin.describe_row(request, row)) for row in self.rows],
            "next_url": self.next_url,
        }
        page: HttpResponse = self.model_admin.render_page(
            request, "admin/django_ding/action_confirmation.html", str(self.action.description), context
        )
        return page

    def post(self, request: HttpRequest) -> HttpResponse:
        """Perform the action row by row, and report each result."""
        for count, row in enumerate(self.rows, start=1):
            if not self._perform(request, row):
                if skipped := len(self.rows) - count:
                    message = ngettext("%(count)d more was skipped.", "%(count)d more were skipped.", skipped)
                    self.model_admin.message_user(request, message % {"count": skipped}, messages.WARNING)
                break
        return HttpResponseRedirect(self._get_url_afterwards())

    def _perform(self, request: HttpRequest, row: Any) -> bool:
        """Return whether to continue with the next row."""
        failure: Exception | None = None
        try:
            result, level = self.action.perform(row), messages.SUCCESS
        except (DingError, ImproperlyConfigured) as error:
            failure, result, level = error, _failure_message(error), messages.ERROR
        name = self.model_admin.display_name(row)
        self.model_admin.log_change(request, row, humanize.label_value(self.action.description, result))
        if self.action.deletes_row and failure is None:
            log_for_user(request, row.user, humanize.label_value(name, result))
        self.model_admin.message_user(request, humanize.label_value(name, result), level)
        # During an outage, fifty rows would wait for fifty timeouts.
        return not isinstance(failure, BackendUnavailable)

    def _get_url_afterwards(self) -> str:
        is_page_of_row = self.next_url in {self.model_admin.url("change", row.pk) for row in self.rows}
        return str(self.model_admin.url("changelist")) if self.action.deletes_row and is_page_of_row else self.next_url


def get_next_url(model_admin: Any, request: HttpRequest, url: str) -> str:
    """Return where to go afterwards: the URL that the request names if it is of this site, or that of the list."""
    is_safe = url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
    return url if is_safe else str(model_admin.url("changelist"))


def perform_if_active(service: Callable[[Any], bool], *, done: _Text, too_late: _Text) -> Callable[[Any], str]:
    """Return what performs an action whose service returns whether the row was still active."""
    return lambda row: str(done if service(row) else too_late)


def _failure_message(error: Exception) -> str:
    if isinstance(error, DingError):
        return _("Failed: %(reason)s (%(code)s).") % {
            "reason": describe_code(error.code).explanation,
            "code": error.code,
        }
    return _("Failed: the backend is missing from the settings, or the settings are invalid.")


def _refresh(authentication: Authentication) -> str:
    services.refresh(authentication)
    if not authentication.authentication_uuid:
        return _("Not refreshed: the provider never returned an ID for it.")
    if authentication.delivery_status:
        delivery = authentication.get_delivery_status_display()
        return _("Status refreshed. Delivery of the latest message: %(delivery)s.") % {"delivery": delivery}
    return _("Status refreshed. The provider has no delivery information.")


def _send_feedback(status: FeedbackStatus, authentication: Authentication) -> str:
    services.feedback(authentication.phone_number, status, backend=authentication.backend)
    if status is FeedbackStatus.ONBOARDED:
        return _("Reported as genuine.")
    return _("Reported as not onboarded.")


def _revoke(number: PhoneNumber) -> str:
    services.remove_number(number)
    return _("Number revoked. It is no longer linked to an account.")


def _lift_lost_number(lost: LostPhoneNumber) -> str:
    services.lift_lost_number(lost.user_id)
    return _("The user can log in again as one who never had a number.")


REFRESH = Action(
    name="refresh",
    permission="refresh_authentication",
    description=gettext_lazy("Refresh status"),
    consequence=gettext_lazy("This asks the provider for the delivery status of the messages. Nothing is sent."),
    perform=_refresh,
    is_available=can_refresh,
)
REPORT_ONBOARDED = Action(
    name="onboarded",
    permission="report_onboarded",
    description=gettext_lazy("Report as genuine"),
    consequence=gettext_lazy(
        "This reports to the provider's fraud protection that the user of this number is genuine. This can't be undone."
    ),
    perform=partial(_send_feedback, FeedbackStatus.ONBOARDED),
    is_available=partial(can_report, FeedbackStatus.ONBOARDED),
    is_irreversible=True,
)
REPORT_NOT_ONBOARDED = Action(
    name="not-onboarded",
    permission="report_not_onboarded",
    description=gettext_lazy("Report as not onboarded"),
    consequence=gettext_lazy(
        "This reports to the provider's fraud protection that the user of this number did not complete sign-up. "
        "This can't be undone."
    ),
    perform=partial(_send_feedback, FeedbackStatus.NOT_ONBOARDED),
    is_available=partial(can_report, FeedbackStatus.NOT_ONBOARDED),
    is_irreversible=True,
)
REVOKE = Action(
    name="revoke",
    permission="revoke_phonenumber",
    description=gettext_lazy("Revoke number"),
    consequence=gettext_lazy(
        "This removes the number from the user's account. The user can no longer log in with it, and their remembered "
        "devices are forgotten. This can't be undone: the user would have to verify the number again."
    ),
    perform=_revoke,
    deletes_row=True,
    is_irreversible=True,
)
LIFT_LOST_NUMBER = Action(
    name="lift",
    permission="lift_lostphonenumber",
    description=gettext_lazy("Let in without a number"),
    consequence=gettext_lazy(
        "The user is treated as one who never had a number: the password is enough to set up a new number, or to "
        "log in where your site allows that. First verify that you are talking to the owner of the account. This can't "
        "be undone."
    ),
    perform=_lift_lost_number,
    deletes_row=True,
    is_irreversible=True,
)
LIFT_BLOCK = Action(
    name="lift",
    permission="lift_block",
    description=gettext_lazy("Lift block"),
    consequence=gettext_lazy(
        "Codes can be sent there again immediately, and each one costs money. This can't be undone, but low conversion "
        "leads to a new block."
    ),
    perform=perform_if_active(
        services.lift_block,
        done=gettext_lazy("Block lifted. Codes can be sent there again."),
        too_late=gettext_lazy("This block was no longer active."),
    ),
    is_irreversible=True,
    is_available=lambda block: block.lifted_at is None and block.expires_at > clock.now(),
)
LIFT_LOCKOUT = Action(
    name="lift-lockout",
    permission="lift_lockout",
    description=gettext_lazy("Lift lockout"),
    consequence=gettext_lazy(
        "Codes can be sent and entered again, including by someone who is guessing them. First verify the user's "
        "identity."
    ),
    perform=perform_if_active(
        services.lift_lockout,
        done=gettext_lazy("Lockout lifted. Codes are accepted again."),
        too_late=gettext_lazy("This lockout was no longer active."),
    ),
    is_available=lambda lockout: lockout.active_key is not None,
)
