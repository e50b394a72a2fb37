"""One-time codes without a provider: made and checked here, carried by a gateway that knows nothing of them."""

import inspect
import re
import secrets
import traceback
from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.template import TemplateDoesNotExist
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.module_loading import import_string
from django.views.decorators.debug import sensitive_variables

from django_ding import clock
from django_ding.backends import options
from django_ding.backends.base import BaseBackend
from django_ding.backends.sms.gateways import SMSMessage
from django_ding.backends.types import (
    Channel,
    CheckResponse,
    CheckStatus,
    RetryResponse,
    RetryStatus,
    SendRequest,
    SendResponse,
    SendStatus,
    Sent,
)
from django_ding.exceptions import BackendRejected, BackendUnavailable, DingError, InputError

_SALT = "django_ding.backends.sms"
_APP_REALM = re.compile(r"[A-Za-z0-9+/]{11}", re.ASCII)
_TEMPLATE_ID = re.compile(r"[\w-]{1,64}", re.ASCII)

#: Codes of one authentication that are valid at the same time, the newest ones. It bounds the row's state, too.
_MAX_CODES = 5


class SMSBackend(BaseBackend):
    """Makes a code, keeps a keyed hash of it, and hands the message to a gateway.

    The hash is in the authentication's row (``backend_state``) until the code was entered. It is an HMAC under a key
    derived from ``SECRET_KEY``, over the authentication's ids, the number and the code, so that it fits no other
    authentication. How long a code lives and how often it may be tried is for ``CODE_TIMEOUT`` and ``MAX_CHECKS``.

    A retry makes a new code, because a hash can't be sent again. The earlier ones stay valid until the first of them
    is entered: messages overtake each other, and a user can't see which one is the newest. ``MAX_CHECKS`` counts per
    authentication, whatever the number of its codes, so with the defaults 5 guesses meet at most 4 codes of a million.
    NIST SP 800-63B (3.2.2) allows 100 guesses.

    :param gateway: dotted path of a function ``deliver(message)``, or of a class whose instances have that method.
    :param gateway_options: keyword arguments for the class.
    :param brand: named in the message.
    :param code_length: 4 to 8 digits.
    :param webotp_domain: the site's domain, with which browsers fill the code in (WebOTP; AutoFill on Apple's systems).
    """

    channels = frozenset({Channel.SMS})
    is_sandbox = False  # A gateway on this machine sends to real phones.

    @sensitive_variables()
    def __init__(
        self,
        alias: str,
        *,
        gateway: str,
        gateway_options: Mapping[str, Any] | None = None,
        brand: str = "",
        code_length: int = 6,
        webotp_domain: str | None = None,
    ) -> None:
        super().__init__(alias)
        self._deliver = _load_gateway(gateway, gateway_options or {})
        # A gateway may carry codes alone, in message templates of its own.
        self.supports_text = getattr(getattr(self._deliver, "__self__", None), "supports_text", True)
        self._brand = brand
        self._webotp_domain = webotp_domain and options.domain("webotp_domain", webotp_domain)
        length = options.integer("code_length", code_length, minimum=4, maximum=8)
        self.code_lengths = (length,)
        # A system check warns about plain http.
        self.base_url = getattr(getattr(self._deliver, "__self__", None), "base_url", None)

    def send(self, request: SendRequest) -> SendResponse:
        uuid = str(uuid4())
        state = self._send(request, uuid=uuid, hashes=[])
        return SendResponse(
            status=SendStatus.PENDING,
            authentication_uuid=uuid,
            created_at=clock.now(),
            channel=Channel.SMS,
            state=state,
        )

    @sensitive_variables()
    def check(self, sent: Sent, code: str) -> CheckResponse:
        hashes = sent.state.get("hashes", [])
        keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
        bound = (sent.correlation_id, sent.authentication_uuid, sent.phone_number, code)
        candidates = [_hash(*bound, key=key) for key in keys]
        # A list, so that each pair is compared and the time says nothing about which one fits.
        matches = [constant_time_compare(kept, candidate) for kept in hashes for candidate in candidates]
        is_valid = any(matches)
        status = CheckStatus.VALID if is_valid else CheckStatus.INVALID if hashes else CheckStatus.WITHOUT_ATTEMPT
        return CheckResponse(
            status=status,
            authentication_uuid=sent.authentication_uuid,
            state={} if is_valid else None,  # The code is used up, and so is its hash.
        )

    def retry(self, sent: Sent, *, channel: Channel | None = None) -> RetryResponse:
        if channel not in (None, Channel.SMS):
            return RetryResponse(status=RetryStatus.DENIED, authentication_uuid=sent.authentication_uuid)
        state = self._send(sent.request, uuid=sent.authentication_uuid, hashes=sent.state.get("hashes", []))
        return RetryResponse(
            status=RetryStatus.APPROVED,
            authentication_uuid=sent.authentication_uuid,
            created_at=clock.now(),
            channel=Channel.SMS,
            state=state,
        )

    @sensitive_variables()
    def send_text(self, phone_number: str, text: str) -> None:
        if not self.supports_text:
            super().send_text(phone_number, text)
        text = f"{self._brand}: {text}" if self._brand else text
        if error := _deliver(self._deliver, SMSMessage(phone_number=phone_number, text=text, code="")):
            raise error

    @sensitive_variables()
    def _send(self, request: SendRequest, *, uuid: str, hashes: list[str]) -> Mapping[str, Any]:
        """Deliver a new code and return the state with its hash."""
        (length,) = self.code_lengths
        code = f"{secrets.randbelow(10**length):0{length}}"
        message = SMSMessage(
            phone_number=request.phone_number,
            text=self._text(request, code),
            code=code,
            sender_id=request.sender_id or "",
            correlation_id=request.correlation_id or uuid,
        )
        new = _hash(request.correlation_id, uuid, request.phone_number, code, key=settings.SECRET_KEY)
        state = {"hashes": [*hashes, new][-_MAX_CODES:]}
        if error := _deliver(self._deliver, message):
            if isinstance(error, BackendUnavailable):
                error.state = state  # A gateway that timed out may have delivered the code.
            raise error
        return state

    @sensitive_variables()
    def _text(self, request: SendRequest, code: str) -> str:
        """Return the text in the language of the request, with the line that lets a phone fill the code in."""
        template_id = request.template_id or "code"
        context = {"code": code, "brand": self._brand}
        try:
            if not _TEMPLATE_ID.fullmatch(template_id):
                raise TemplateDoesNotExist(template_id)
            with translation.override(_language(request.locale)):
                text = render_to_string(f"django_ding/sms/{template_id}.txt", context).strip()
        except TemplateDoesNotExist:
            raise BackendRejected(
                "No template django_ding/sms/<template_id>.txt has this template_id.",
                code="invalid_template_id",
            ) from None
        last_line = self._last_line(request, code)
        return f"{text}\n\n{last_line}" if last_line else text

    def _last_line(self, request: SendRequest, code: str) -> str:
        """Return the hash of an Android app (SMS Retriever), else the WebOTP line.

        Each of them has to come last, so a message has one: an app that gave its hash is not waiting in a browser.
        """
        app_realm = request.device_signals.app_realm
        if app_realm:
            if not _APP_REALM.fullmatch(app_realm):
                raise InputError.from_code("invalid_app_realm")
            return app_realm
        # https://wicg.github.io/sms-one-time-codes/#format
        return f"@{self._webotp_domain} #{code}" if self._webotp_domain else ""


@sensitive_variables()
def _hash(correlation_id: str | None, uuid: str, phone_number: str, code: str, *, key: str | bytes) -> str:
    value = "\n".join([correlation_id or "", uuid, phone_number, code])
    return salted_hmac(_SALT, value, secret=key, algorithm="sha256").hexdigest()


@sensitive_variables()
def _load_gateway(path: str, gateway_options: Mapping[str, Any]) -> Callable[[SMSMessage], Any]:
    try:
        gateway: Any = import_string(path)
    except ImportError as error:
        raise ImproperlyConfigured(f"gateway: {path!r} can't be imported: {error}") from error
    if inspect.isclass(gateway):
        options.check_options(gateway, gateway_options, "gateway_options")
        instance: Any = gateway(**gateway_options)
        gateway = getattr(instance, "deliver", None)
    elif gateway_options:
        raise ImproperlyConfigured("gateway_options are for a class, and gateway is a function.")
    if not callable(gateway):
        raise ImproperlyConfigured(f"gateway: {path!r} is neither a function nor a class with a method deliver().")
    return gateway  # type: ignore[no-any-return]


@sensitive_variables()
def _deliver(deliver: Callable[[SMSMessage], Any], message: SMSMessage) -> DingError | None:
    """Deliver a message, and return what went wrong.

    The gateway is the project's code, and what it raises may quote the message. So it is neither raised nor chained
    to: only its class and its place in the code go along, as a note.
    """
    try:
        deliver(message)
    except DingError as error:
        return error
    except Exception as error:  # noqa: BLE001 - an outage, whatever the gateway calls it
        where = traceback.extract_tb(error.__traceback__)[-1]
        outage = BackendUnavailable(code="gateway_error")
        outage.add_note(f"{type(error).__name__} in {PurePath(where.filename).name}, line {where.lineno}.")
        return outage
    return None


def _language(locale: str | None) -> str | None:
    """Return the project's language for a BCP 47 tag, the active one where the tag is unknown.

    Only languages of ``LANGUAGES`` are activated: Django keeps the catalogue of every tag that it is given.
    """
    try:
        return translation.get_supported_language_variant((locale or "").replace("_", "-").lower())
    except LookupError:
        return translation.get_language()
