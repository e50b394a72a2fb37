"""The style sheets and scripts of the pages in the admin, without those of Django's forms: nothing here is edited."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.contrib import admin
from django.forms import Media
from django.template.loader import get_template

#: Of the lists alone.
LIST_STYLES = "django_ding/lists.css"
_ROW_SCRIPT = "django_ding/copy.js"
_LIST_SCRIPT = "admin/js/actions.js"


def list_media(media: Any, form_media: Any) -> Any:
    """Return the media for a list of rows: a model admin's, of whose scripts a list needs the one of its actions.

    :param form_media: those of Django's own model admin.
    """
    return Media(css=media._css, js=_scripts(media, form_media, kept=[_LIST_SCRIPT]))


def page_media(media: Any, form_media: Any) -> Any:
    """Return the media for the page of a row: a model admin's without those of lists, and the page's script.

    :param form_media: those of Django's own model admin.
    """
    # Strings before Django 6.1, and objects that equal them since.
    css: dict[str, Sequence[Any]] = {
        medium: [style for style in styles if style != LIST_STYLES] for medium, styles in media._css.items()
    }
    return Media(css=css, js=[*_scripts(media, form_media), _ROW_SCRIPT])


def _scripts(media: Any, form_media: Any, *, kept: Sequence[str] = ()) -> list[Any]:
    """Return the scripts without those of Django's forms.

    A page shows nothing before it has loaded them, and they are thirty times as large as it. In a theme they stay:
    jazzmin's own scripts call jQuery on every page.
    """
    if _has_theme():
        return list(media._js)
    return [script for script in media._js if script in kept or script not in form_media._js]


def _has_theme() -> bool:
    """Return whether the frame of the admin's pages is another one than Django's."""
    frame: Any = get_template("admin/base.html")
    return Path(admin.__file__).parent not in Path(frame.origin.name).parents
