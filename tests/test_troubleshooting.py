"""Troubleshooting explains each message by its text, and none that is gone."""

import ast
import re
from pathlib import Path

import pytest
from ding_reference import checks, settings
from ding_reference import troubleshooting as problems
from ding_reference.markdown import code

from django_ding import conf
from django_ding.codes import CODES

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "troubleshooting.md").read_text()
PACKAGE = ROOT / "django_ding"

TERM = re.compile(r"^(`.+`)\n: ", re.MULTILINE)
LITERAL = re.compile(r"`([^`]+)`")

RECOVERY_ACCEPTED = (
    "Recovery code accepted. We'll text a code to your new number. Once verified, it replaces all phone numbers of "
    "your account."
)
RECOVERY_OFFERED = (
    "Lost your phone? Contact support. Once they've confirmed that it's you, they'll give you a recovery code to set "
    "up a new phone number with."
)
#: Sentences that say what succeeded, or what a field or a page is for.
NO_PROBLEMS = {
    "Before you change your phone numbers, we need to make sure that it's you.",
    "All devices forgotten.",
    "Device forgotten.",
    "Don't use this on a shared device.",
    "Enter the code from the call.",
    "Enter the code that you received.",
    "Number removed.",
    "Phone number verified.",
    "Primary number changed.",
    "Spaces and dashes are fine. For another country, start with + and the country code.",
    "The ten digits from support. They're valid for 15 minutes.",
    "We sent another code.",
    "We'll text you a code to confirm it's you.",
    "We're calling you with a code.",
    "You can request another code now.",
    "You can try again now.",
    "Your account needs a phone number. We'll text a code to it now, and each time you log in.",
    RECOVERY_ACCEPTED,
    RECOVERY_OFFERED,
}
#: What stands beside a problem and says what to do about it.
ADVICE = {
    "Meanwhile, check that your phone is on and has reception.",
    "Next time, enter the code from the newest message, digit by digit.",
    "Waiting won't help. Confirm another way, or contact support.",
    "Waiting won't help. Contact support.",
    "Waiting won't help. Log in another way, or contact support.",
    "Waiting won't help. Use a different number, or contact support.",
}


def sentences():
    """Return the translated sentences of the exceptions, the REST API and the pages."""
    paths = [PACKAGE / "exceptions.py", *(PACKAGE / "api").rglob("*.py"), *(PACKAGE / "login").rglob("*.py")]
    calls = [node for path in paths for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    texts = {
        argument.value
        for call in calls
        if getattr(call.func, "id", "") in ("_", "gettext", "ngettext")
        for argument in call.args[-2:-1] or call.args  # The plural of two forms, with a number after them.
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }
    return {text for text in texts if text.endswith(".")}


def pattern_of(sentence):
    """Return the sentence as a regular expression, with any values in the place of its placeholders."""
    return re.sub(r"%\\\((\w+)\\\)[sd]", ".+", re.escape(sentence))


@pytest.fixture(scope="module")
def shown():
    """Return the sentences of the page."""
    terms = TERM.findall(f"{PAGE}\n{problems.markdown()}")
    return [sentence for term in terms for sentence in LITERAL.findall(term)]


def test_every_sentence_of_a_problem_is_explained(shown):
    missing = [
        sentence
        for sentence in sentences() - NO_PROBLEMS - ADVICE
        if not any(re.fullmatch(pattern_of(sentence), text) for text in shown)
    ]
    assert missing == []


def test_every_sentence_that_is_explained_exists():
    by_hand = PAGE.partition("\n## On pages")[2].partition("\n## What commands")[0]
    explained = [sentence for term in TERM.findall(by_hand) for sentence in LITERAL.findall(term)]
    known = [*map(pattern_of, sentences()), *map(re.escape, INTRODUCTIONS)]
    assert [text for text in explained if not any(re.fullmatch(pattern, text) for pattern in known)] == []


#: A problem that is said before the number, and so ends in a colon.
INTRODUCTIONS = ["We couldn't confirm that your code was sent. It may still arrive at this number:"]


def test_lists_of_sentences_have_none_that_is_gone():
    assert sentences() >= NO_PROBLEMS | ADVICE


def test_every_check_code_and_setting_is_explained(shown):
    page = problems.markdown()
    assert {code(message.msg) for message in checks.all_messages().values()} <= set(map(code, shown))
    assert {str(known.user_message) for known in CODES.values() if known.user_message} <= set(shown)
    for key in conf.KEYS - settings.MAPPINGS.keys():
        assert f"(settings.md#{key.lower()})" in page


def test_every_mistake_in_the_settings_has_a_page():
    page = problems.markdown()
    for path, text in problems.all_errors():
        assert any(path.startswith(start) for start in problems._PAGES), path
        assert code(text) in page


def test_every_sentence_of_commands_exists():
    section = PAGE.partition("## What commands print")[2].partition("```{reference}")[0]
    source = "".join(path.read_text() for path in (PACKAGE / "management").rglob("*.py"))
    for term in TERM.findall(section):
        beginning = re.match(r"`([^0-9(]{12,30})", term)[1]
        assert beginning.strip() in source, term
