"""A user's verifications, for the project's own admin of users: ``inlines = [UserVerificationsInline]``."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from django_ding.admin import columns, display, links
from django_ding.admin.page_media import LIST_STYLES
from django_ding.admin.recovery import CREATE_LABEL, get_creation_url
from django_ding.models import Authentication

_MAX_ROWS = 10

if TYPE_CHECKING:
    _Inline = admin.TabularInline[Any, Any]
else:
    _Inline = admin.TabularInline


class UserVerificationsInline(_Inline):
    """The newest verifications of a user, and links to everything else of theirs that this app has.

    It takes the permission to view verifications. Numbers are masked without the one to see them.
    """

    model = Authentication
    fk_name = "user"
    extra = 0
    can_delete = False
    template = "admin/django_ding/user_verifications.html"
    verbose_name_plural = _("phone verifications")

    class Media:
        css = {"all": ["django_ding/theme.css", "django_ding/admin.css", LIST_STYLES]}

    def get_queryset(self, request: HttpRequest) -> Any:
        """Return no rows: without forms, rows added or deleted in the meantime can't make a submission fail."""
        return super().get_queryset(request).none()

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Return the formset with what the template shows."""
        formset: Any = super().get_formset(request, obj, **kwargs)
        formset.ding_rows = self._get_rows(request, obj)
        formset.ding_links = list(links.user_links(self.admin_site, request, obj.pk))
        if url := get_creation_url(self.admin_site, request, obj):
            formset.ding_links.append((url, CREATE_LABEL))
        return formset

    def _get_rows(self, request: HttpRequest, user: Any) -> list[dict[str, Any]]:
        number = columns.number_column(full=display.can_view_full_numbers(request))
        newest = Authentication.objects.filter(user=user).order_by("-created_at")[:_MAX_ROWS]
        return [
            {
                "url": links.model_url(self.admin_site, Authentication, "change", row.pk),
                "number": number(row),
                "status": columns.status(row),
                "reason": columns.reason(row),
                "requested": columns.requested(row),
            }
            for row in newest
        ]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the user of the admin may view verifications, and this is the page of a user that exists."""
        return obj is not None and links.can_view(self.admin_site, request, Authentication)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: services add rows."""
        return False

    has_change_permission = has_add_permission
    has_delete_permission = has_add_permission
