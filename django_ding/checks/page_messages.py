"""The messages of the system checks of pages: of the URLconf, the templates, and the settings that name pages."""

from collections.abc import Sequence

from django.conf import settings
from django.core.checks import CheckMessage, Error

from django_ding.checks.base import silenceable


def missing_page(problem: str, views: Sequence[str]) -> CheckMessage:
    return Error(
        f"{_and_more(views)} will fail: {problem}",
        hint='Include "django_ding.login.urls" in the URLconf, or set the URLs of the view, such as code_url or '
        "verify_url, to pages of your own.",
        id="django_ding.E035",
    )


def missing_widget_template(name: str) -> CheckMessage:
    return Error(
        f"FORM_RENDERER = {settings.FORM_RENDERER!r} can't find {name!r}, which the login pages need.",
        hint='For TemplatesSetting, add "django.forms" to INSTALLED_APPS and set APP_DIRS in TEMPLATES. A renderer of '
        "your own needs a template of this name.",
        id="django_ding.E036",
    )


def missing_page_template(name: str) -> CheckMessage:
    return Error(
        f"TEMPLATES can't find {name!r}, which the login pages need.",
        hint="Set APP_DIRS for an engine of Django's templates, or name their directory in DIRS.",
        id="django_ding.E037",
    )


def closed_phone_login(route: str) -> CheckMessage:
    return silenceable(
        f"The page to log in by phone at {route!r} is 404: AUTHENTICATION_BACKENDS has no PhoneBackend.",
        hint='Add "django_ding.login.backends.PhoneBackend".',
        unless="If a number alone must not log anyone in",
        id="django_ding.W035",
    )


def login_without_code(name: str, route: str, with_code: str) -> CheckMessage:
    return silenceable(
        f"{name} at {route!r} takes a password alone, while {with_code} also asks for a code.",
        hint="Redirect it to the page that asks for the code. See “Close the admin's login page” in the docs.",
        unless="If it is intended",
        id="django_ding.W036",
    )


def irreversible_pages(prefix: str, own: str) -> CheckMessage:
    return Error(
        f"The pages are mounted below {prefix!r}, where Django can't reverse their URLs: an argument has no name, or "
        f"is called {own}, like one of theirs. Links and redirects fail.",
        hint=f"Give each argument a name other than {own}, such as <slug:tenant>.",
        id="django_ding.E025",
    )


def default_login_url(views: Sequence[str]) -> CheckMessage:
    hint = 'Set LOGIN_URL to your login page, such as "login" or "django_ding_login:login".'
    return _default_url("LOGIN_URL", views, hint=hint, id="django_ding.W038")


def default_login_redirect_url(views: Sequence[str]) -> CheckMessage:
    hint = 'Set LOGIN_REDIRECT_URL to the page after a login, such as "/" or "django_ding_login:numbers".'
    return _default_url("LOGIN_REDIRECT_URL", views, hint=hint, id="django_ding.W039")


def _default_url(setting: str, views: Sequence[str], *, hint: str, id: str) -> CheckMessage:  # noqa: A002 - as Django's
    url = getattr(settings, setting)
    text = f"{_and_more(views)} leads to {setting}, which is {url!r} by default, and no view has that URL."
    return silenceable(text, hint=hint, unless="If another server has that page", id=id)


def _and_more(views: Sequence[str]) -> str:
    return f"{views[0]} and {len(views) - 1} more" if len(views) > 1 else views[0]
