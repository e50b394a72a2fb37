"""Where a visitor stands in a flow. It is kept in the session: out of URLs, and of use to nobody but this browser."""

from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth import get_user_model
from django.core.exceptions import NON_FIELD_ERRORS
from django.db.models import Model
from django.forms import BaseForm
from django.http import HttpRequest

from django_ding.models import Authentication
from django_ding.services.records import write_alias

_TOLD = "django_ding.told"


@dataclass(frozen=True, kw_only=True)
class FlowState:
    """What a flow remembers from one page to the next. There is one per purpose, so two tabs show the same.

    :ivar public_id: the authentication whose code is awaited; empty when the flow has come to its end.
    :ivar visitor: key of the user who was signed in when it began, empty for nobody. It is good for them alone.
    :ivar destination: the URL to go to in the end; its host was found safe.
    :ivar restart_url: the page that the flow began on.
    :ivar user: key of the user whose password was right.
    :ivar backend: dotted path of the authentication backend that said so.
    :ivar auth_hash: that user's session auth hash at the time, which a new password changes.
    :ivar number: key of that user's number that the code went to; empty where the project keeps numbers elsewhere.
    :ivar replaces: key of the number that the new one takes the place of.
    """

    public_id: str
    visitor: str
    destination: str
    restart_url: str = ""
    user: str = ""
    backend: str = ""
    auth_hash: str = ""
    number: str = ""
    replaces: str = ""

    @property
    def is_over(self) -> bool:
        """Tell whether the code was entered, so that what is left is to go to the destination."""
        return not self.public_id


def begin(request: HttpRequest, authentication: Authentication, **about: str) -> None:
    """Remember that a code was sent, in place of what the flow of this purpose remembered before.

    A guest's session gets a new key. Who planted the former one could see the visitor's number on the code's page. A
    user's got a new one when they signed in.
    """
    state = FlowState(public_id=str(authentication.public_id), visitor=_visitor(request), **about)
    if not state.visitor:
        request.session.cycle_key()
    request.session[_key(authentication.purpose)] = asdict(state)


def recall(request: HttpRequest, purpose: str) -> FlowState | None:
    """Return where the visitor stands; ``None`` when nothing is known, or somebody else has signed in meanwhile."""
    try:
        state = FlowState(**request.session[_key(purpose)])
    except (KeyError, TypeError):  # The latter when an earlier version of this app wrote it.
        return None
    return state if state.visitor == _visitor(request) else None


def finish(request: HttpRequest, purpose: str, destination: str) -> None:
    """Keep only where to go, for the one who posts the code twice or comes back to its page."""
    over = FlowState(public_id="", visitor=_visitor(request), destination=destination)
    request.session[_key(purpose)] = asdict(over)


def forget(request: HttpRequest, purpose: str) -> None:
    """Give the flow up."""
    request.session.pop(_key(purpose), None)


def awaited(state: FlowState) -> Authentication | None:
    """Return the authentication whose code is awaited; ``None`` when it was purged."""
    return Authentication.objects.using(write_alias()).filter(public_id=state.public_id).first()


def tell(request: HttpRequest, url: str, sentence: str) -> None:
    """Keep a sentence for the page at ``url``, which a redirect leads to."""
    request.session[_TOLD] = {"path": urlsplit(url).path, "sentence": sentence}


def show_told(request: HttpRequest, form: BaseForm, field: str = NON_FIELD_ERRORS) -> None:
    """Put the sentence that was kept for this page beside the form's field. It is shown once."""
    told = request.session.pop(_TOLD, {})
    if told.get("path") == request.path:
        form.errors[field] = form.error_class([told["sentence"]])


def key_of(row: Model) -> str:
    """Return a row's primary key as text, as ``django.contrib.auth`` keeps the user's in the session."""
    return str(row._meta.pk.value_to_string(row))


def user_key(text: str) -> Any:
    """Return the user's primary key that :func:`key_of` made a text of."""
    return get_user_model()._meta.pk.to_python(text)


def _visitor(request: HttpRequest) -> str:
    return key_of(request.user) if request.user.is_authenticated else ""


def _key(purpose: str) -> str:
    return f"django_ding.{purpose}"
