"""The text of a message, in the language the provider would pick."""

import re

from django_ding import phone

from .records import SendRequest

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


def content(code: str, request: SendRequest) -> str:
    """Return the message that carries ``code``.

    An unsupported locale falls back to English. Android's SMS Retriever finds its app by the hash at the end.
    """
    text = _TEXTS.get(_language(request), _TEXTS["en"]).format(code=code)
    app_realm = request.signals.get("app_realm")
    return f"{text}\n\n{app_realm}" if app_realm else text


def _language(request: SendRequest) -> str:
    if request.locale is None:
        return _LANGUAGES.get(phone.country(request.phone_number), "en")
    return re.split("[-_]", request.locale)[0].lower()
