"""The reference names all that a project can use, and nothing else: what the code has is compared with the pages."""

import ast
import inspect
import re
from importlib import import_module
from pathlib import Path

import pytest
from ding_reference import backends, checks, codes, commands, exceptions, rest, services, settings, signals, templates
from ding_reference.markdown import code, from_rst, read_docstring
from django.core.exceptions import ImproperlyConfigured
from django.dispatch import Signal
from django.urls import URLPattern

from django_ding import codes as app_codes
from django_ding import conf
from django_ding import exceptions as app_exceptions
from django_ding import services as app_services
from django_ding import signals as app_signals
from django_ding.api import urls as api_urls
from django_ding.backends import types
from django_ding.backends.base import BaseBackend
from django_ding.management.base import INCOMPLETE, INTERRUPTED, UNAVAILABLE, USAGE
from django_ding.testing import BackendContract

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PACKAGE = ROOT / "django_ding"

SETTING = re.compile(r"^### `(\w+)`\n(.*?)^```\{setting\} (\w+)\n(.*?)\n```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#{2,3} `?([\w.{}/-]+)`?$", re.MULTILINE)


def read(page):
    return (DOCS / page).read_text()


def headings(text):
    return HEADING.findall(text)


# Settings


def test_every_setting_is_documented_once():
    named = [heading for heading, _, _, _ in SETTING.findall(read("settings.md"))]
    assert sorted(named) == sorted(conf.KEYS)
    assert named == [key for _, _, key, _ in SETTING.findall(read("settings.md"))]


@pytest.mark.parametrize(("text", "key", "example"), [found[1:] for found in SETTING.findall(read("settings.md"))])
def test_setting_has_a_text_a_type_a_default_and_an_example_of_another_value(text, key, example):
    assert len(text.strip()) > 20
    shown = settings.markdown(key, example)
    assert f"Type\n: {settings.type_of(key)}\n" in shown
    assert f"Default\n: {settings.default_of(key)}\n" in shown
    assert f'DING["{key}"] = {example}' in shown
    assert getattr(conf.DingSettings({key: ast.literal_eval(example)}), key) != getattr(conf.DingSettings({}), key)


def test_default_is_written_as_in_the_settings():
    assert settings.default_of("PURPOSES") == '`["link", "login", "signup", "second_factor"]`'
    assert settings.default_of("DEFAULT_REGION") == "`None`"
    assert settings.default_of("MAX_CHECKS") == "`5`"
    assert settings.default_of("RATE_LIMITS") == code(
        f'{{"send": "{conf.DEFAULT_RATE_LIMITS}", "check": "{conf.DEFAULT_CHECK_LIMITS}"}}'
    )


def test_example_that_a_setting_refuses_fails_the_build():
    with pytest.raises(ImproperlyConfigured):
        settings.markdown("MAX_CHECKS", "0")


# What is in modules


def test_every_signal_is_documented():
    signal_names = {name for name, value in vars(app_signals).items() if isinstance(value, Signal)}
    sections = signals.markdown().split("## ")[1:]
    assert {section.partition("\n")[0] for section in sections} == {f"`{name}`" for name in signal_names}
    assert all(re.search(r"Arguments:\n\n- `\w+`", section) for section in sections)


def test_every_exception_is_documented():
    classes = {name for name, value in vars(app_exceptions).items() if is_error(value)}
    page = exceptions.markdown()
    assert set(headings(page)) - {"Tree"} == classes
    for name in classes:
        assert f"[`{name}`](#{name.lower()})" in page
        assert code(getattr(app_exceptions, name).code) in page
        assert getattr(app_exceptions, name).__doc__, name


def is_error(value):
    return inspect.isclass(value) and issubclass(value, app_exceptions.DingError)


def test_every_code_is_documented():
    page = codes.markdown()
    assert set(re.findall(r"^### `(\w+)`$", page, re.MULTILINE)) == set(app_codes.CODES)
    assert set(codes._HEADINGS) == set(app_codes.Fault)


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("invalid_line", "400 `invalid_line`"),
        ("blocked_number", "403 `blocked`"),
        ("spam_detected", "403 `blocked`"),
        ("locked_out", "403 `blocked`"),
        ("phone", "429 `rate_limited`"),
        ("denied", "409 `denied`"),
        ("expired_auth", "410 `expired_auth`"),
        ("number_taken", "409 `phone_number_taken`"),
        ("unauthorized", "503 `unavailable`"),
        ("timeout", "503 `unavailable`"),
        ("unsupported_operation", ""),
        ("duplicated_feedback_status", ""),
    ],
)
def test_code_has_the_answer_of_the_endpoints(name, answer):
    assert codes.rest_answer(name, app_codes.CODES[name]) == answer


def test_every_public_service_and_class_is_documented_once():
    blocks = re.findall(r"^```\{services\}\n(.*?)^```$", read("reference/services.md"), re.MULTILINE | re.DOTALL)
    named = " ".join(blocks).split()
    variants = {name for name in app_services.__all__ if services.is_variant(name)}
    assert sorted(named) == sorted(set(app_services.__all__) - variants)
    page = services.markdown(named)
    assert all(f"`{name}`, with the same arguments" in page for name in variants)
    for name in services.all_functions():
        assert f"{{py:function}} {name}(" in page


def test_every_argument_that_a_service_describes_exists():
    for name in services.all_functions():
        function = getattr(app_services, name)
        described = read_docstring(function).get("param")
        assert described.keys() <= inspect.signature(function).parameters.keys(), name


def test_backend_contract_is_documented():
    page = backends.markdown()
    for cls in (BaseBackend, BackendContract):
        for name in backends.members(cls):
            assert re.search(rf"^`{name}\b", page, re.MULTILINE), name
    assert set(types.__all__) <= set(headings(page))


# Checks


def test_every_check_is_documented():
    modules = (PACKAGE / "checks").glob("*messages.py")
    made = re.findall(r'id="django_ding\.([EW]\d{3})"', "".join(module.read_text() for module in modules))
    page = read("reference/checks.md")
    sections = re.findall(r"^### ([EW]\d{3})\n\n```\{check\} (\w+)\n```\n\n(\S.+)", page, re.MULTILINE)
    assert sorted(made) == sorted(heading for heading, _, _ in sections)
    assert all(heading == directive for heading, directive, _ in sections)
    assert set(checks.all_messages()) == set(made)


def test_check_has_its_message_and_hint():
    shown = checks.markdown("W002")
    assert "`CACHES['default'] is local memory, so each worker process has rate limits of its own.`" in shown
    assert "a warning" in shown
    assert 'Set `DING["RATE_LIMIT_CACHE"]` to a cache' in shown
    assert "an error" in checks.markdown("E001")


# Commands


def test_every_command_is_documented():
    files = {path.stem for path in (PACKAGE / "management" / "commands").glob("ding_*.py")}
    assert set(headings(commands.markdown())) == files


@pytest.mark.parametrize("name", commands.all_commands())
def test_every_argument_of_a_command_is_documented(name):
    section = commands.markdown().partition(f"## `{name}`\n")[2].partition("\n## ")[0]
    for action in commands.own_actions(commands.make_parser(name)):
        assert action.help, action
        assert any(re.search(rf"^`{re.escape(term)}\b.*\n: ", section, re.MULTILINE) for term in names_of(action)), (
            action
        )


def names_of(action):
    return action.option_strings or [action.metavar or action.dest.upper()]


def test_every_exit_code_is_documented():
    section = read("commands.md").partition("\n## Exit codes")[2].partition("\n## ")[0]
    documented = re.findall(r"^\| (\d+) \|", section, re.MULTILINE)
    assert [int(found) for found in documented] == [0, INCOMPLETE, USAGE, UNAVAILABLE, INTERRUPTED]


# REST


def test_every_endpoint_is_documented():
    in_code = {
        (method.upper(), re.sub(r"<\w+:(\w+)>", r"{\1}", str(pattern.pattern)))
        for pattern in api_urls.urlpatterns
        if isinstance(pattern, URLPattern)
        for method in ("get", "post", "put", "patch", "delete")
        if hasattr(pattern.callback.view_class, method)
    }
    page = rest.markdown()
    shown = {(method, path) for method, path in re.findall(r"^([A-Z]+) (/\S+) HTTP/1.1$", page, re.MULTILINE)}
    prefix = next(path for method, path in shown if path.endswith("/devices/")).removesuffix("devices/")
    assert {(method, path.removeprefix(prefix)) for method, path in shown} == in_code


def test_every_object_that_the_endpoints_name_is_there():
    page = rest.markdown()
    linked = set(re.findall(r"\]\(#(\w+)\)", page))
    assert linked == {name.lower() for name in headings(page.partition("## Objects")[2])}


# Templates


def test_every_template_and_block_is_documented():
    sections = re.findall(
        r"^### `(\S+)`\n\n(\S(?:.|\n)+?)\n\n```\{template\} (\S+)\n```", read("reference/templates.md"), re.MULTILINE
    )
    assert sorted(heading for heading, _, _ in sections) == sorted(templates.all_templates())
    assert all(heading == directive for heading, _, directive in sections)
    for name, blocks in templates.all_templates().items():
        assert not blocks or f"Blocks\n: {', '.join(map(code, blocks))}\n" in templates.markdown(name)


def test_every_template_has_a_user():
    for name in set(templates.all_templates()) - {"base.html"}:
        assert re.search(r"^(Rendered|Included) by\n: `", templates.markdown(name), re.MULTILINE), name


# The pages


def test_every_subject_has_a_page():
    subjects = {path.stem for path in (DOCS / "_extensions" / "ding_reference").glob("*.py")}
    pages = "".join(path.read_text() for path in [*(DOCS / "reference").glob("*.md"), DOCS / "troubleshooting.md"])
    used = set(re.findall(r"^```\{reference\} (\w+)$", pages, re.MULTILINE))
    with_markdown = {name for name in subjects - {"__init__", "directives"} if takes_nothing(name)}
    assert used == with_markdown


def takes_nothing(subject):
    markdown = getattr(import_module(f"ding_reference.{subject}"), "markdown", None)
    return markdown is not None and not inspect.signature(markdown).parameters


def test_index_lists_every_page():
    index = read("reference/index.md")
    for page in (DOCS / "reference").glob("*.md"):
        assert page.name == "index.md" or f"]({page.name})" in index


def test_docstrings_become_markdown():
    found = read_docstring("""Send ``it``, see :func:`django_ding.services.send`.

        :param number: one_two,
            in E.164.
        :raises ValueError: never.
        """)
    assert found.text == "Send `it`, see `send`."
    assert found.get("param") == {"number": r"one\_two, in E.164."}
    assert found.get("raises") == {"ValueError": "never."}
    assert from_rst("<b> ``<b>``") == r"\<b\> `<b>`"
