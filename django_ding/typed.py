"""What people type, in plain characters: digits, dashes and blanks of any script, without what can't be seen.

Pure functions over text. What the digits of a number mean, :mod:`django_ding.phone` knows.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from urllib.parse import unquote

_MAX_LENGTH = 64
_RECENT = 128  # Several rooms read the same number while a request is answered.
#: Punctuation that isn't a dash to Unicode and is typed as one. The long vowel mark is on the dash key in Japan.
_DASHES = dict.fromkeys(map(ord, "−ー⁃˗"), "-")  # noqa: RUF001
#: Characters without a glyph: those with the property Default_Ignorable_Code_Point that aren't of the category Cf
#: (Unicode 17, DerivedCoreProperties.txt), and what other programs leave in a text: U+2800 is a blank in Braille, and
#: U+FFFC is the placeholder of an attachment.
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u2800\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8\ufffc"
    "\U000e0000-\U000e0fff]"
)
_NUMBER = r"\+?[ (\[]*[0-9][0-9 ()\[\].\-/]*"
_EXTENSION = r"(?P<extension>(;ext=|ext(ension|\.)?|x|#|,|;)\s*\.?:?\s*[0-9]+#?)?"
_TYPED = re.compile(rf"(?P<text>{_NUMBER}){_EXTENSION}", re.ASCII | re.IGNORECASE)
_BLANK_BEFORE_DIGIT = re.compile(r" +[1-9]", re.ASCII)


class Reason(StrEnum):
    """Why a text is not a phone number that can be verified."""

    EMPTY = "empty"
    NOT_A_NUMBER = "not_a_number"
    NEEDS_COUNTRY = "needs_country"
    UNKNOWN_COUNTRY = "unknown_country"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    UNASSIGNED = "unassigned"
    EXTENSION = "extension"


class NotAPhoneNumber(ValueError):
    """Raised for a text that is no number; ``reason`` says why. The text itself is never part of the message."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(reason.value)


@dataclass(frozen=True, kw_only=True, slots=True)
class TypedNumber:
    """A number in ASCII.

    :ivar text: digits with spaces, dashes, dots, slashes and brackets, perhaps after a plus sign.
    :ivar has_extension: whether an extension follows. It may also be the end of a number with masked digits.
    :ivar may_lack_plus: whether it began with a blank. HTML forms decode a plus sign that wasn't encoded as one.
    """

    text: str
    has_extension: bool
    may_lack_plus: bool


def simplify(text: str) -> str:
    """Return ``text`` with every decimal digit and dash in ASCII, without invisible marks, otherwise as NFKC has it."""
    if text.isascii():
        return text
    visible = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    return "".join(map(_simplify_char, visible)).translate(_DASHES)


@lru_cache(_RECENT)
def read_number(typed: str) -> TypedNumber:
    """Return a number as a person typed it, or as a ``tel:`` link has it, in plain characters.

    :raises NotAPhoneNumber: for an empty or long text, and one with other characters than numbers have.
    """
    if len(typed) > _MAX_LENGTH:
        raise NotAPhoneNumber(Reason.TOO_LONG)
    simple = simplify(typed)
    text = " ".join(simple.split())
    if text[:4].lower() == "tel:":
        text = _from_tel_uri(text[4:].lstrip(" /"))
    if not text:
        raise NotAPhoneNumber(Reason.EMPTY)
    match = _TYPED.fullmatch(text.lstrip("([ "))
    if not match:
        raise NotAPhoneNumber(Reason.NOT_A_NUMBER)
    return TypedNumber(
        text=match["text"],
        has_extension=match["extension"] is not None,
        may_lack_plus=_BLANK_BEFORE_DIGIT.match(simple) is not None,
    )


def _simplify_char(char: str) -> str:
    match unicodedata.category(char):
        case "Cf":
            return ""
        case "Pd":
            return "-"
    return str(unicodedata.decimal(char, char))


def _from_tel_uri(text: str) -> str:
    """Resolve the parameters of a ``tel:`` link (RFC 3966): a numeric phone-context is the number's prefix."""
    number, *parameters = unquote(text).split(";")
    named = dict(parameter.lower().partition("=")[::2] for parameter in parameters)
    if "ext" in named:
        raise NotAPhoneNumber(Reason.EXTENSION)
    context = named.get("phone-context", "")
    return context + number if context.startswith("+") and not number.startswith("+") else number
