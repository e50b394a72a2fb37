"""Whether the project mounts the pages that its views lead to, and asks for the code at each of its logins."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from django import forms
from django.conf import global_settings, settings
from django.contrib.admin import AdminSite
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.views import LoginView
from django.core.checks import CheckMessage
from django.forms.renderers import get_default_renderer
from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.urls import NoReverseMatch, Resolver404, URLResolver, get_resolver, resolve
from django.utils.functional import Promise

from django_ding import services
from django_ding.checks import page_messages as messages
from django_ding.conf import ding_settings
from django_ding.login import urls
from django_ding.login.forms import CountrySelect
from django_ding.login.mixins import PhoneVerificationLoginMixin, PhoneVerifiedRequiredMixin
from django_ding.login.views import PhoneLoginView, StepUpRequiredMixin
from django_ding.login.views.base import FlowView, StartFlowMixin, UserPageView
from django_ding.reverse import find_names, is_name, resolve_path
from django_ding.urlconf import MountedView, find_callbacks, find_views, layers

_URL_ATTRIBUTES = ("code_url", "start_url", "resend_url", "next_page", "verify_url", "sign_up_url")
_PAGE_TEMPLATE = "django_ding/login/base.html"
_LOGIN_REQUIRED = (UserPageView, PhoneVerifiedRequiredMixin)
#: Those of a project's own may be anything.
_DEFAULT_REDIRECTS = (LoginView.get_default_redirect_url, PhoneLoginView.get_default_redirect_url)
#: The settings that name pages of the project's, with the warning about Django's default.
_DEFAULTS = {
    "LOGIN_URL": messages.default_login_url,
    "LOGIN_REDIRECT_URL": messages.default_login_redirect_url,
}
#: The argument of the pages about one number or device.
_OWN_ARGUMENT = "public_id"


def check_pages(patterns: list[Any]) -> list[CheckMessage]:
    """Check that the pages are mounted that the project's views lead to, and that they can show their forms.

    :param patterns: of the project's URLconf.
    """
    missing: dict[str, list[str]] = {}
    for view, url in _find_urls(patterns):
        if (problem := _problem_of(url)) and view not in missing.setdefault(problem, []):
            missing[problem].append(view)
    found = [messages.missing_page(problem, views) for problem, views in missing.items()]
    return [*found, *(_check_templates() if any(find_views(patterns, (StartFlowMixin, FlowView))) else ())]


def check_logins(patterns: list[Any]) -> list[CheckMessage]:
    """Check that a login by phone is possible where there is a page for it, and that no login goes without the code.

    :param patterns: of the project's URLconf.
    """
    pages = [page for page in find_views(patterns, PhoneLoginView) if _is_reached(page.route, page.callback)]
    is_closed = bool(pages) and services.phone_backend() is None
    found = [messages.closed_phone_login(page.route) for page in pages if is_closed]
    if with_code := next(find_views(patterns, PhoneVerificationLoginMixin), None):
        found += [
            messages.login_without_code(name, route, with_code.view_class.__qualname__)
            for name, route in _find_logins_without_code(patterns)
        ]
    return found


def check_defaults(patterns: list[Any]) -> list[CheckMessage]:
    """Check that no view leads to a page that Django's default of a setting names, and that the site doesn't have.

    Any other URL that isn't in the URLconf may well be another server's.

    :param patterns: of the project's URLconf.
    """
    urls = list(_find_urls(patterns))
    found = []
    for setting, message in _DEFAULTS.items():
        default = getattr(global_settings, setting)
        views = list(dict.fromkeys(view for view, url in urls if isinstance(url, str) and url == default))
        if views and resolve_path(default) is None:
            found.append(message(views))
    return found


def check_arguments() -> list[CheckMessage]:
    """Check that no argument in front of the pages lacks a name, or has the name of one of theirs.

    Django can't reverse the URLs of the pages then.
    """
    prefixes = filter(_is_irreversible, _find_prefixes(get_resolver()))
    return [messages.irreversible_pages(prefix, _OWN_ARGUMENT) for prefix in prefixes]


def _find_urls(patterns: list[Any]) -> Iterator[tuple[str, Any]]:
    """Yield the name and place of each view that leads to a page, and the URL or the name of that page."""
    for view in find_views(patterns, (StartFlowMixin, FlowView, *_LOGIN_REQUIRED)):
        for url in _urls_of(view):
            yield f"{view.view_class.__qualname__} at {view.route!r}", url
    for route, callback in find_callbacks(patterns):
        for function in layers(callback):
            if url := getattr(function, "verify_url", None):  # Of phone_verified_required.
                name = f"{function.__qualname__} at {route!r}"
                yield from ((name, url), (name, getattr(function, "login_url", None) or settings.LOGIN_URL))
                break


def _urls_of(view: MountedView) -> Iterator[Any]:
    page = view.view_class(**view.initkwargs)
    for name in dict.fromkeys((*_URL_ATTRIBUTES, *getattr(page, "url_attributes", ()))):
        yield _read(page, name)
    if isinstance(page, StepUpRequiredMixin) and ding_settings.STEP_UP_MAX_AGE:
        yield ding_settings.STEP_UP_URL
    if isinstance(page, _LOGIN_REQUIRED):
        yield getattr(page, "login_url", None) or settings.LOGIN_URL
    if isinstance(page, LoginView) and type(page).get_default_redirect_url in _DEFAULT_REDIRECTS:
        yield page.next_page or settings.LOGIN_REDIRECT_URL


def _read(page: Any, name: str) -> Any:
    try:
        return getattr(page, name, None)
    except Exception:  # noqa: BLE001 - a property of the project's may need the request.
        return None


def _problem_of(url: Any) -> str:
    """Return why there is no such page; empty for one that is mounted, and for a URL."""
    try:
        name = str(url) if isinstance(url, Promise) else url  # As of reverse_lazy().
    except NoReverseMatch as error:
        return str(error)
    if not name or not is_name(name) or any(find_names(name)) or _is_mounted(name):
        return ""
    return f"no URL has the name {name!r}."


def _is_mounted(name: str) -> bool:
    """Return whether a view has this name, whatever arguments its URL needs."""
    *namespaces, view_name = name.split(":")
    resolver = get_resolver()
    for name_or_app in namespaces:
        instances = resolver.app_dict.get(name_or_app, ())
        namespace = name_or_app if name_or_app in resolver.namespace_dict else next(iter(instances), None)
        if namespace not in resolver.namespace_dict:
            return False
        _, resolver = resolver.namespace_dict[namespace]
    return view_name in resolver.reverse_dict


def _check_templates() -> list[CheckMessage]:
    if not _is_found(get_template, _PAGE_TEMPLATE):
        return [messages.missing_page_template(_PAGE_TEMPLATE)]
    widgets = (CountrySelect.template_name, forms.TextInput.template_name)
    missing = [name for name in widgets if not _is_found(get_default_renderer().get_template, name)]
    return [messages.missing_widget_template(name) for name in missing[:1]]


def _is_found(loader: Callable[[str], Any], name: str) -> bool:
    try:
        loader(name)
    except TemplateDoesNotExist:
        return False
    return True


def _find_logins_without_code(patterns: list[Any]) -> Iterator[tuple[str, str]]:
    """Yield the name and the route of each login page that takes a password and asks for no code."""
    logins = [
        (view.view_class.__qualname__, view.route, view.callback)
        for view in find_views(patterns, LoginView)
        # With the attribute, it is django-otp's, which asks for a token beside the password.
        if not issubclass(view.view_class, StartFlowMixin) and not hasattr(view.view_class, "otp_authentication_form")
    ]
    logins += [("Admin", route, callback) for route, callback in find_callbacks(patterns) if _is_admin_login(callback)]
    yield from ((name, route) for name, route, callback in logins if _is_reached(route, callback))


def _is_admin_login(callback: Any) -> bool:
    """Return whether this is Django's own ``AdminSite.login``, without further fields: another may ask for a code."""
    if getattr(callback, "__func__", None) is not AdminSite.login:
        return False
    # A theme has a form of its own, with the same fields.
    form = callback.__self__.login_form or AdminAuthenticationForm
    return set(form.base_fields) == {"username", "password"}


def _is_reached(route: str, callback: Any) -> bool:
    """Return whether no other view comes before this one. A route with arguments is left alone."""
    try:
        return bool(resolve(f"/{route}").func == callback)
    except Resolver404:
        return False


def _find_prefixes(resolver: URLResolver, before: str = "") -> Iterator[str]:
    """Yield the regular expression in front of the pages at each place where they are mounted."""
    for prefix, included in resolver.namespace_dict.values():
        if included.app_name == urls.app_name:
            yield f"{before}{prefix}"
        yield from _find_prefixes(included, f"{before}{prefix}")


def _is_irreversible(prefix: str) -> bool:
    try:
        pattern = re.compile(prefix)
    except re.error:  # Of two arguments with one name, both get the same value.
        return False
    return _OWN_ARGUMENT in pattern.groupindex or pattern.groups > len(pattern.groupindex)
