"""Nothing that people read goes past the catalogues, and those are complete.

Sentences for developers stay in English: system checks, exceptions of the settings and of wrong calls, logs, commands,
the sandbox and the REST API's schema.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import polib
import pytest
from django.apps import apps
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation.template import templatize

import django_ding
from django_ding import phone
from django_ding.backends.types import Channel
from django_ding.countries import NAMES
from django_ding.humanize import duration
from django_ding.login.forms import countries

PACKAGE = Path(django_ding.__file__).parent
LANGUAGES = ["ar", "de", "es", "fr"]
every_language = pytest.mark.parametrize("language", LANGUAGES)

#: The functions that mark a text, and what their first arguments are.
MARKS = {
    "gettext": ["text"],
    "ngettext": ["text", "plural"],
    "pgettext": ["context", "text"],
    "npgettext": ["context", "text", "plural"],
}
#: As they stand in what Django makes of a template for makemessages.
_STRING = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
MARKED = re.compile(rf"\bn?p?gettext\({_STRING}(?:, ?{_STRING})*")

PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")

#: Where a sentence is for developers: as a whole, by the call it is given to, and one by one.
DEVELOPERS_ROOMS = [
    "api/schema.py",
    "api/schema_codes.py",
    "backends/",
    "checks/",
    "conf/",
    "contrib/allauth/checks.py",
    "contrib/otp/checks.py",
    "guard/",
    "log.py",
    "management/",
    "migrations/",
    "provider_calls.py",
    "sandbox/",
    "testing/",
]
DEVELOPERS_CALLS = {
    "Http404",
    "ImproperlyConfigured",
    "IntegrityError",
    "TypeError",
    "ValueError",
    "exception",
    "warning",
}
DEVELOPERS_SENTENCES = {
    (
        "Codes can't be sent or checked inside a transaction, which django-otp's forms, verify_token() and "
        "match_token() open. Use those of django_ding.contrib.otp, and exempt your views from ATOMIC_REQUESTS with "
        "@transaction.non_atomic_requests."
    ),
    "Mac OS X",
    "Samsung Internet",
    "The process ended before the response came. The message may have been sent.",
    "The provider rejected the request.",
    "The webhook can't be read.",
    "This backend has no such operation.",
}
SENTENCE = re.compile(r"[A-Z][a-z']*\s.+", re.DOTALL)


class Message(NamedTuple):
    """A text to translate."""

    text: str
    plural: str = ""
    context: str = ""


def sources() -> Iterator[tuple[str, ast.Module]]:
    """Yield each module's path inside the package, and the module."""
    for path in PACKAGE.rglob("*.py"):
        yield path.relative_to(PACKAGE).as_posix(), ast.parse(path.read_text())


def called(call: ast.Call) -> str:
    """Return the name of the function that is called, without its module."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def mark(call: ast.Call) -> str:
    """Return which of ``MARKS`` a call is, if any."""
    name = called(call).removesuffix("_lazy")
    return {"_": "gettext"}.get(name, name)


def marked(tree: ast.AST) -> Iterator[Message]:
    """Yield what stands in calls that mark."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and mark(node) in MARKS:
            parts = zip(MARKS[mark(node)], node.args, strict=False)
            texts = {name: part.value for name, part in parts if isinstance(part, ast.Constant)}
            if "text" in texts:
                yield Message(**texts)


@cache
def used() -> frozenset[Message]:
    """Return what the modules and the templates mark."""
    trees = [tree for _, tree in sources()]
    for path in [*PACKAGE.rglob("templates/**/*.html"), *PACKAGE.rglob("templates/**/*.txt")]:
        trees += [ast.parse(f"{call})") for call in MARKED.findall(templatize(path.read_text()))]
    return frozenset(message for tree in trees for message in marked(tree))


@cache
def catalogue(language: str) -> polib.POFile:
    return polib.pofile(PACKAGE / f"locale/{language}/LC_MESSAGES/django.po")


def plural_forms(language: str) -> int:
    return int(re.search(r"nplurals=(\d)", catalogue(language).metadata["Plural-Forms"])[1])


def test_languages_are_those_with_a_catalogue():
    assert sorted(path.name for path in (PACKAGE / "locale").iterdir()) == LANGUAGES


@every_language
def test_catalogue_has_what_is_used_and_nothing_else(language):
    entries = {Message(entry.msgid, entry.msgid_plural, entry.msgctxt or "") for entry in catalogue(language)}
    assert used() - entries == set()
    assert entries - used() == set()


@every_language
def test_catalogue_is_complete(language):
    assert [entry.msgid for entry in catalogue(language) if not entry.translated()] == []
    assert [entry.msgid for entry in catalogue(language) if entry.fuzzy or entry.obsolete] == []
    assert not catalogue(language).metadata_is_fuzzy


@every_language
def test_catalogue_keeps_placeholders(language):
    for entry in catalogue(language):
        wanted = set(PLACEHOLDER.findall(entry.msgid_plural or entry.msgid))
        *special, general = entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]
        assert set(PLACEHOLDER.findall(general)) == wanted
        # A form for one number alone, such as the Arabic dual, says it in words.
        assert all(set(PLACEHOLDER.findall(form)) <= wanted for form in special)
        assert not re.search(r"%(?!\()", general)


@every_language
def test_catalogue_has_every_plural_form(language):
    expected = list(range(plural_forms(language)))
    assert [entry.msgid for entry in catalogue(language) if entry.msgid_plural] != []
    for entry in catalogue(language):
        assert not entry.msgid_plural or sorted(entry.msgstr_plural) == expected


@every_language
def test_catalogue_is_compiled(language):
    compiled = polib.mofile(PACKAGE / f"locale/{language}/LC_MESSAGES/django.mo")
    assert compiled.metadata["Plural-Forms"] == catalogue(language).metadata["Plural-Forms"]
    assert contents(compiled) == contents(catalogue(language))


def contents(catalogue: list[polib.POEntry]) -> dict:
    return {(entry.msgctxt, entry.msgid): (entry.msgstr, entry.msgstr_plural) for entry in catalogue}


def for_developers(path: str, tree: ast.Module) -> Iterator[ast.AST]:
    """Yield what no user reads: docstrings, some calls' arguments, permissions, and the schema's words on fields."""
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant()):
                yield node
            case ast.Call() if called(node) in DEVELOPERS_CALLS:
                yield node
            case ast.Assign(targets=[ast.Name(id="permissions")]):  # As Django's own, they stand in the database.
                yield node
            case ast.keyword(arg="help_text") if path.startswith("api/"):
                yield node


def unmarked(path: str, tree: ast.Module) -> Iterator[str]:
    """Yield the sentences of a module that no catalogue is asked for."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and mark(node) in MARKS]
    seen = {id(part) for node in (*calls, *for_developers(path, tree)) for part in ast.walk(node)}
    left = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in seen]
    yield from (node.value for node in left if isinstance(node.value, str) and SENTENCE.fullmatch(node.value))


def test_sentences_in_the_source_are_marked():
    rooms = [(path, tree) for path, tree in sources() if not path.startswith(tuple(DEVELOPERS_ROOMS))]
    assert {sentence for path, tree in rooms for sentence in unmarked(path, tree)} == DEVELOPERS_SENTENCES


def test_models_and_fields_have_names_in_every_language():
    for model in apps.get_app_config("django_ding").get_models():
        assert isinstance(model._meta.verbose_name, Promise)
        assert isinstance(model._meta.verbose_name_plural, Promise)
        shown = [field for field in model._meta.fields if field.editable and not field.auto_created]
        assert [field.name for field in shown if not isinstance(field.verbose_name, Promise)] == []
        assert all(isinstance(field.help_text, Promise) for field in shown if field.help_text)


def test_choices_have_labels_in_every_language():
    proper_names = set(Channel.values) - {"unknown"}
    for model in apps.get_app_config("django_ding").get_models():
        for field in model._meta.fields:
            labels = [label for value, label in field.choices or () if value not in proper_names]
            assert all(isinstance(label, Promise) for label in labels), field


@pytest.mark.parametrize(
    ("language", "seconds", "words"),
    [
        ("fr", 1, "1 seconde"),
        ("fr", 25, "25 secondes"),
        ("de", 600, "10 Minuten"),
        ("es", 86400, "24 horas"),
        ("ar", 1, "ثانية واحدة"),
        ("ar", 2, "ثانيتين"),
        ("ar", 10, "10 ثوانٍ"),
        ("ar", 25, "25 ثانية"),
        ("ar", 600, "10 دقائق"),
    ],
)
def test_wait_in_words(language, seconds, words):
    with translation.override(language):
        assert duration(seconds) == words


def test_country_names_are_those_of_every_numbering_plan():
    assert NAMES.keys() == phone.regions()


def test_countries_have_arabic_names():
    with translation.override("ar"):
        assert [country.region for country in countries() if re.search("[A-Za-z]", country.name)] == []


@pytest.mark.parametrize(
    ("language", "name"),
    [("en", "Eswatini"), ("fr", "Eswatini"), ("es", "Esuatini"), ("pt", "Suazilândia"), ("xx", "Eswatini")],
)
def test_country_is_named_by_the_catalogue_before_older_data(language, name):
    with translation.override(language):
        assert next(country.name for country in countries() if country.region == "SZ") == name
