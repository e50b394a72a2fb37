"""The style sheets and scripts of this app's pages in the admin."""

from typing import Any

from django.forms import Media


def page_media(media: Any, form_media: Any) -> Media:
    """Return a model admin's media without the scripts of forms, for a page that has none.

    Django's are thirty times as large as such a page, and it waits for them before it shows anything. jQuery stays:
    themes such as jazzmin's call it on every page.

    :param form_media: those of Django's own model admin.
    """
    # Strings before Django 6.1, and objects that equal them since.
    dropped = [script for script in form_media._js if "/jquery." not in str(script)]
    return Media(css=media._css, js=[script for script in media._js if script not in dropped])
