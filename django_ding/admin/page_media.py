"""The style sheets and scripts of the pages of rows in the admin."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.contrib import admin
from django.forms import Media
from django.template.loader import get_template

#: Of the lists alone.
LIST_STYLES = "django_ding/lists.css"
_SCRIPT = "django_ding/copy.js"


def page_media(media: Any, form_media: Any) -> Any:
    """Return the media for the page of a row: a model admin's without those of lists and forms, and the page's script.

    A page shows nothing before it has loaded them, and the scripts of Django's forms are thirty times as large as it.
    In a theme these stay: jazzmin's own scripts call jQuery on every page.

    :param form_media: those of Django's own model admin.
    """
    # Strings before Django 6.1, and objects that equal them since.
    css: dict[str, Sequence[Any]] = {
        medium: [style for style in styles if style != LIST_STYLES] for medium, styles in media._css.items()
    }
    dropped = [] if _has_theme() else form_media._js
    js = [script for script in media._js if script not in dropped]
    return Media(css=css, js=[*js, _SCRIPT])


def _has_theme() -> bool:
    """Return whether the frame of the admin's pages is another one than Django's."""
    frame: Any = get_template("admin/base.html")
    return Path(admin.__file__).parent not in Path(frame.origin.name).parents
