"""The state of each flow in the visitor's session: never in a URL, and useless in another browser."""

from dataclasses import asdict, dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model, load_backend
from django.core.exceptions import NON_FIELD_ERRORS
from django.forms import BaseForm
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from django_ding import services
from django_ding.models import Authentication

_MESSAGE_KEY = "django_ding.message"

#: How often a finished flow redirects to its success URL. One that leads back to the flow, in whatever spelling or over
#: whatever other page, would redirect forever; browsers give up after 16 to 20 redirects.
_MAX_RETURNS = 4


@dataclass(frozen=True, kw_only=True)
class FlowState:
    """What a flow keeps from one page to the next. There is one per purpose, so two tabs show the same.

    :ivar public_id: the authentication whose code is expected; empty once the flow has finished.
    :ivar visitor: primary key of the user who was signed in at the start, empty for a guest. For them alone.
    :ivar success_url: where to go in the end; its host was found safe.
    :ivar restart_url: the page that the flow started on.
    :ivar back_url: the page to leave the flow for; empty where it started on the first page of the site's.
    :ivar user: primary key of the user whose password was right, or who recovers the account; otherwise empty.
    :ivar backend: dotted path of the authentication backend that accepted it.
    :ivar auth_hash: that user's session auth hash at the time, which a new password changes.
    :ivar number: public id of the number that the code was sent to; empty where the project keeps numbers elsewhere.
    :ivar replaces: public id of the number that the new one replaces.
    :ivar returns: how often the visitor has come back after the end of the flow.
    """

    public_id: str
    visitor: str
    success_url: str
    restart_url: str = ""
    back_url: str = ""
    user: str = ""
    backend: str = ""
    auth_hash: str = ""
    number: str = ""
    replaces: str = ""
    returns: int = 0

    @property
    def is_finished(self) -> bool:
        """Return whether the code was entered, so that only the way to the success URL is left."""
        return not self.public_id


def start(request: HttpRequest, authentication: Authentication, **data: Any) -> None:
    """Store that a code was sent, in place of the former flow of this purpose."""
    flow = FlowState(public_id=str(authentication.public_id), visitor=visitor(request), **data)
    if not flow.visitor:
        # An attacker who planted the guest's session could read the visitor's number on the code page. A signed-in
        # user's session got its new key at login.
        request.session.cycle_key()
    request.session[_key(authentication.purpose)] = asdict(flow)


def replace_authentication(request: HttpRequest, flow: FlowState, authentication: Authentication) -> None:
    """Go on with another authentication of the same flow."""
    request.session[_key(authentication.purpose)] = asdict(replace(flow, public_id=str(authentication.public_id)))


def load(request: HttpRequest, purpose: str) -> FlowState | None:
    """Return the visitor's flow; ``None`` when there is none, or another user has signed in since it started."""
    try:
        flow = FlowState(**request.session[_key(purpose)])
    except (KeyError, TypeError):  # TypeError: another version of this app stored it.
        return None
    return flow if flow.visitor == visitor(request) else None


def finish(request: HttpRequest, purpose: str, success_url: str) -> None:
    """Keep only the success URL, for a visitor who submits the code twice or returns to its page."""
    request.session[_key(purpose)] = asdict(FlowState(public_id="", visitor=visitor(request), success_url=success_url))


def count_return(request: HttpRequest, purpose: str, flow: FlowState) -> bool:
    """Count a visit to a page of a finished flow, and return whether to redirect to the success URL again."""
    if flow.returns >= _MAX_RETURNS:
        return False
    request.session[_key(purpose)] = asdict(replace(flow, returns=flow.returns + 1))
    return True


def clear(request: HttpRequest, purpose: str) -> None:
    """Remove the flow."""
    request.session.pop(_key(purpose), None)


def get_authentication(flow: FlowState) -> Authentication | None:
    """Return the authentication whose code is expected; ``None`` when it was purged."""
    return _find(flow.public_id)


def get_user(flow: FlowState) -> Any | None:
    """Return the user whose password was right; ``None`` if they can't log in, or have another password since."""
    # Loaded anew: minutes have passed since the password, and the session is only a claim about that moment.
    if flow.backend not in settings.AUTHENTICATION_BACKENDS:
        return None
    user: Any = load_backend(flow.backend).get_user(user_pk_from_str(flow.user))
    if user is None or not user.is_active:
        return None
    return user if constant_time_compare(user.get_session_auth_hash(), flow.auth_hash) else None


def set_message(
    request: HttpRequest,
    url: str,
    text: str,
    *,
    field: str = NON_FIELD_ERRORS,
    about: Authentication | None = None,
) -> None:
    """Store an error message for the form of the page at ``url``, which the visitor is redirected to.

    :param about: the authentication whose number it is about. The number itself is not kept.
    """
    public_id = str(about.public_id) if about else ""
    request.session[_MESSAGE_KEY] = {"path": urlsplit(url).path, "text": text, "field": field, "about": public_id}


def pop_message(request: HttpRequest, form: BaseForm) -> Authentication | None:
    """Move the message stored for this page to the form's errors, so that it is shown once.

    Return the authentication whose number it is about, if it is about one.
    """
    message = request.session.pop(_MESSAGE_KEY, {})
    if message.get("path") != request.path:
        return None
    # Not add_error(): it refuses a form without data, and "resend", which isn't a field of the code's form.
    form.errors[message["field"]] = form.error_class([message["text"]])
    return _find(message["about"]) if message.get("about") else None


def user_pk_to_str(user: Any) -> str:
    """Return the user's primary key as text, as ``django.contrib.auth`` keeps it in the session."""
    return str(user._meta.pk.value_to_string(user))


def user_pk_from_str(text: str) -> Any:
    """Return the primary key that :func:`user_pk_to_str` made a text of."""
    return get_user_model()._meta.pk.to_python(text)


def visitor(request: HttpRequest) -> str:
    """Return the primary key of the user who is signed in as text, empty for a guest."""
    return user_pk_to_str(request.user) if request.user.is_authenticated else ""


def _find(public_id: str) -> Authentication | None:
    try:
        return services.get_authentication(public_id)
    except Authentication.DoesNotExist:
        return None


def _key(purpose: str) -> str:
    return f"django_ding.{purpose}"
