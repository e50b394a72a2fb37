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


def message_text(code: str, request: SimSendRequest) -> str:
    """Return the text of the message with ``code``. An unsupported locale falls back to English."""
    if request.locale is None:
        language = _LANGUAGES.get(phone.country(request.phone_number), "en")
    else:
        language = re.split("[-_]", request.locale)[0].lower()
    text = _TEXTS.get(language, _TEXTS["en"]).format(code=code)
    # Android's SMS Retriever passes a message to the app whose hash is at its end.
    app_realm = request.signals.get("app_realm")
    return f"{text}\n\n{app_realm}" if app_realm else text
