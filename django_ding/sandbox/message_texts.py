"""The text of a message, in the language the provider would pick."""

import re

from django_ding import phone

from .memory import SimSendRequest

_TEXTS = {
    "en": "Your verification code is: {code}",
    "fr": "Votre code de vérification est : {code}",
    "de": "Ihr Bestätigungscode lautet: {code}",
    "es": "Tu código de verificación es: {code}",
    "it": "Il tuo codice di verifica è: {code}",
    "pt": "O seu código de verificação é: {code}",
    "nl": "Je verificatiecode is: {code}",
}
_LANGUAGES = {
    "AT": "de",
    "BE": "fr",
    "BR": "pt",
    "CH": "de",
    "DE": "de",
    "ES": "es",
    "FR": "fr",
    "IT": "it",
    "MX": "es",
    "NL": "nl",
    "PT": "pt",
}


def message_text(code: str, request: SimSendRequest, channel: str) -> str:
    """Return the text of the message with ``code``. An unsupported locale falls back to English."""
    if channel == "silent":
        return "Nothing is sent: the device opens a URL and gets the code."
    if request.locale is None:
        language = _LANGUAGES.get(phone.country(request.phone_number), "en")
    else:
        language = re.split("[-_]", request.locale)[0].lower()
    text = _TEXTS.get(language, _TEXTS["en"]).format(code=code)
    # A call has no end that a device could read.
    return text if channel == "voice" else f"{text}{_ending(code, request)}"


def _ending(code: str, request: SimSendRequest) -> str:
    """Return what a device reads: the hash of an app (Android's SMS Retriever) or the domain of a page (WebOTP)."""
    if app_hash := request.signals.get("app_realm"):
        return f"\n\n{app_hash}"
    domain = request.signals.get("web_realm")
    return f"\n\n@{domain} #{code}" if domain else ""
