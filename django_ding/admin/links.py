"""Links from a row to others: the same number, and the same user, in the lists that a user of the admin may view."""

from collections.abc import Iterator
from typing import Any

from django.contrib.admin import AdminSite
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from django_ding.admin.large_tables import join_keys
from django_ding.models import Authentication, Lockout, PhoneNumber, RecoveryCode, Refusal, RememberedDevice
from django_ding.models.base import PhoneNumberModel

#: A URL and its text.
Link = tuple[str, str]


def model_url(site: AdminSite, model: type[Model], name: str, *arguments: Any, **query: Any) -> str:
    """Return the URL of a view of a model in an admin."""
    route = f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}"
    url = reverse(route, args=arguments, current_app=site.name)
    return f"{url}?{urlencode(query, doseq=True)}" if query else url


def can_view(site: AdminSite, request: HttpRequest, model: type[Model], row: Model | None = None) -> bool:
    """Return whether a user may view the rows of a model, or one of them, in an admin."""
    return site.is_registered(model) and site.get_model_admin(model).has_view_permission(request, row)


def number_links(site: AdminSite, request: HttpRequest, row: PhoneNumberModel) -> Iterator[Link]:
    """Yield the links to the rows with the number of a row, which the URLs name by its key."""
    lists: dict[type[PhoneNumberModel], str] = {
        Authentication: _("All verifications of this number"),
        Refusal: _("All blocked requests to this number"),
        Lockout: _("All lockouts of this number"),
    }
    for model, text in lists.items():
        suffix = "" if isinstance(row, model) else f"_as_{row._meta.model_name}"
        query = {f"same_number{suffix or '_as'}": row.pk}
        rows = model._default_manager.filter(phone_number=row.phone_number)
        if row.phone_number and can_view(site, request, model) and rows.exists():
            yield model_url(site, model, "changelist", **query), text


def user_links(site: AdminSite, request: HttpRequest, user_id: Any) -> Iterator[Link]:
    """Yield the links to the rows of a user."""
    lists: dict[type[Model], str] = {
        Authentication: _("All verifications of this user"),
        PhoneNumber: _("All phone numbers of this user"),
        Refusal: _("All blocked requests of this user"),
        Lockout: _("All lockouts of this user"),
        RememberedDevice: _("All remembered devices of this user"),
        RecoveryCode: _("All recovery codes of this user"),
    }
    for model, text in lists.items():
        if can_view(site, request, model) and model._default_manager.filter(user_id=user_id).exists():
            yield model_url(site, model, "changelist", user=join_keys([user_id])), text
