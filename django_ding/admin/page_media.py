"""The style sheets and scripts of this app's pages in the admin."""

from pathlib import Path
from typing import Any

from django.contrib import admin
from django.forms import Media
from django.template.loader import get_template


def page_media(media: Any, form_media: Any) -> Any:
    """Return a model admin's media without the scripts of forms, for a page that has none.

    Django's are thirty times as large as such a page, and it waits for them before it shows anything. In a theme they
    stay: jazzmin's own scripts call jQuery on every page.

    :param form_media: those of Django's own model admin.
    """
    if _has_theme():
        return media
    # Strings before Django 6.1, and objects that equal them since.
    return Media(css=media._css, js=[script for script in media._js if script not in form_media._js])


def _has_theme() -> bool:
    """Return whether the frame of the admin's pages is another one than Django's."""
    frame: Any = get_template("admin/base.html")
    return Path(admin.__file__).parent not in Path(frame.origin.name).parents
