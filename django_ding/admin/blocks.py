"""What the guard blocks because too few codes were entered there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from django_ding.admin import columns
from django_ding.admin.base import ReadOnlyAdmin
from django_ding.admin.deeds import LIFT
from django_ding.admin.filters import InForceFilter
from django_ding.admin.masking import isolated
from django_ding.models import Block


@dataclass(frozen=True, kw_only=True)
class _Named:
    """What the frame of a page takes in place of a row: its key, and what to call it."""

    pk: Any
    name: str

    def __str__(self) -> str:
        return self.name


@admin.register(Block)
class BlockAdmin(ReadOnlyAdmin):
    """The blocks, which can be lifted."""

    deeds = (LIFT,)
    list_filter = (InForceFilter,)

    def columns(self, *, whole: bool) -> Sequence[Any]:
        """Return what is told of each. A prefix is shown to everybody: ten thousand numbers have it."""
        return [columns.subject, columns.state, columns.entered, "created_at", "expires_at", "lifted_at"]

    def name_of(self, row: Block) -> str:
        """Return what it is called in the language of the page: ``prefix +3361234``."""
        return f"{row.get_scope_display()} {isolated(row.subject)}"

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        """Call it by its name in the frame of the page, too."""
        row = kwargs["obj"]
        context["subtitle"] = self.name_of(row)
        context["original"] = _Named(pk=row.pk, name=self.name_of(row))
        return super().render_change_form(request, context, *args, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show on its page what the list shows."""
        return self.columns(whole=False)

    get_readonly_fields = get_fields

    def has_lift_block_permission(self, request: HttpRequest) -> bool:
        """Who may let codes through again."""
        return self.has_extra_permission(request, "lift_block")
