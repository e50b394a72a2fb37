"""Sentences in the language of the request, which it is for the project's ``LocaleMiddleware`` to find."""

import pytest

from tests.stubs import Unreachable, using

pytestmark = pytest.mark.django_db

URL = "/api/phone/authentications/"


@pytest.fixture
def ask(multilingual, member):
    """Let Alice post in a language; returns the sentence of the answer."""

    def ask(url: str, body: dict, language: str = "fr") -> str | None:
        return member.post(url, body, format="json", headers={"Accept-Language": language}).json().get("detail")

    return ask


@pytest.fixture
def check_url(start) -> str:
    return f"{URL}{start()['id']}/check/"


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("fr", "Code incorrect. Il vous reste 4 tentatives."),
        ("de-AT,de;q=0.9", "Falscher Code. Noch 4 Versuche."),
        ("es", "Código incorrecto. Le quedan 4 intentos."),
        ("ar", "الرمز غير صحيح. تبقّت لك 4 محاولات."),
        ("xx", "Incorrect code. 4 attempts left."),
    ],
)
def test_wrong_code(ask, check_url, language, sentence):
    assert ask(check_url, {"code": "000000"}, language) == sentence


def test_each_request_has_its_own_language(ask, check_url, outbox):
    ask(check_url, {"code": outbox[-1].code})
    assert ask(check_url, {"code": "000000"}, "fr") == "Ce code a déjà été utilisé."
    assert ask(check_url, {"code": "000000"}, "de") == "Dieser Code wurde bereits verwendet."


def test_input_that_cannot_be_used(ask, check_url):
    assert ask(URL, {"phone_number": "06 12"}).startswith("Ce numéro de téléphone est trop court.")
    assert ask(URL, {}) == "Certains champs ne sont pas valides."
    assert ask(check_url, {"code": "12"}).startswith("Ce ne peut pas être un code.")
    assert ask(check_url, {"code": 123456}) == "Ce ne peut pas être un code. Saisissez le code que vous avez reçu."


def test_too_many_codes(ask, settings, start, clock):
    settings.DING = {**settings.DING, "RATE_LIMITS": {"send": "1/h/user"}}
    start()
    sentence = "Attendez 60 minutes avant de demander un autre code."
    assert ask(URL, {"phone_number": "+447400123456"}) == sentence


def test_outage(ask, check_url):
    with using(Unreachable):
        assert ask(check_url, {"code": "000000"}).startswith("La vérification est momentanément indisponible.")
