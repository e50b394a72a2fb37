"""What countries are called in the language of the request, and their flags."""

from django.utils.translation import get_language, gettext
from django.utils.translation.trans_real import CONTEXT_SEPARATOR

from django_ding import phone
from django_ding.countries.names import NAMES

_FIRST_LETTER = 0x1F1E6  # REGIONAL INDICATOR SYMBOL LETTER A (Unicode, Enclosed Alphanumeric Supplement).


def name_of(region: str) -> str:
    """Return a country's name in the active language: the catalogues', or else that of libphonenumber's data.

    Some of the latter are years old. An unknown country is called by its code.

    :param region: ISO 3166-1 alpha-2, such as ``"FR"``.
    """
    language = (get_language() or "en").partition("-")[0]
    english = NAMES.get(region, region)
    # Unlike pgettext(), this tells a name that is the same as in English from one that no catalogue has.
    entry = f"country{CONTEXT_SEPARATOR}{english}"
    translated = gettext(entry)
    if translated != entry:
        return translated
    return english if language == "en" else phone.country_name(region, language) or english


def flag(region: str) -> str:
    """Return a country's flag as an emoji, which some systems show as its two letters.

    :param region: ISO 3166-1 alpha-2, such as ``"FR"``.
    """
    return "".join(chr(_FIRST_LETTER + ord(letter) - ord("A")) for letter in region)
