"""Every message by its text: those of system checks, those for users, and those of mistakes in the settings."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import django_ding
from ding_reference import checks, settings
from ding_reference.codes import rest_answer
from ding_reference.exceptions import all_exceptions, messages
from ding_reference.markdown import bullets, code, definitions, prose, read_docstring
from ding_reference.source import text_of
from django_ding.codes import CODES, UNAVAILABLE, Fault
from django_ding.conf import KEYS

PACKAGE = Path(django_ding.__file__).parent
_ERRORS = {"ImproperlyConfigured", "MissingOption", "UncountableCache", "TransactionManagementError"}
#: Where to read about the settings whose mistakes a module reports, the first that fits.
_PAGES = {
    "api/": "[Log in](rest.md#log-in)",
    "backends/http": "[HTTP](backends.md#http)",
    "backends/prelude": "[Prelude](prelude.md)",
    "backends/sms": "[SMSBackend](backends.md#smsbackend-your-own-codes-by-any-sms-gateway)",
    "backends/": "[Backends](backends.md)",
    "conf/": "[Settings](settings.md)",
    "flows/_provider": "[Webhooks](webhooks.md#set-up)",
    "flows/sign_up": "[Accounts for new numbers](login.md#accounts-for-new-numbers)",
    "guard/counters": "[Counters](guard.md#counters)",
    "guard/": "[The guard](guard.md)",
    "login/": "[Log in by phone](login.md)",
    "sandbox/": "[Sandbox](sandbox.md#in-a-project)",
    "transactions": "[Transactions](services.md#transactions)",
}
#: Where to read about exceptions that have no code in ``codes``.
_MORE = {
    "InvalidPhoneNumber": "[How numbers are read](numbers.md#how-numbers-are-read)",
    "LastPhoneNumber": "[The last number](login.md#the-last-number)",
    "InvalidProof": "[Sign-up](services.md#sign-up-from-a-proof-to-a-user)",
    "NoAccount": "[Which account a code opens](login.md#which-account-a-code-opens)",
    "AccountNotCreated": "[Accounts for new numbers](login.md#accounts-for-new-numbers)",
    "StepUpRequired": "[Step-up](services.md#step-up)",
    "RateLimited": "[Rate limits](guard.md#rate-limits)",
    "InvalidWebhook": "[Webhooks](webhooks.md)",
    "UnsupportedOperation": "[The contract](backends.md#the-contract)",
}


def markdown() -> str:
    """Return a section for each kind of message."""
    return "\n".join(
        [
            "## What users and REST clients read\n",
            definitions(_user_messages()),
            "## What `manage.py check` prints\n",
            "The messages are shown with example values.\n",
            definitions(_check_messages()),
            "## Mistakes in the settings\n",
            "What `ImproperlyConfigured` and `TransactionManagementError` say. … stands for a value of yours.\n",
            bullets(_setting_messages()),
            *_other_messages(),
        ]
    )


def _user_messages() -> Iterator[tuple[str, str]]:
    by_sentence: dict[str, list[str]] = defaultdict(list)
    for name, meaning in CODES.items():
        general = UNAVAILABLE if meaning.fault in (Fault.ACCOUNT, Fault.OUTAGE) else ""
        if sentence := str(meaning.user_message or general):
            by_sentence[sentence].append(f"- {_code(name)}")
    for cls in all_exceptions():
        link = f"- [`{cls.__name__}`](reference/exceptions.md#{cls.__name__.lower()})"
        what = read_docstring(cls).text.partition("\n\n")[0]
        what += f" See {_MORE[cls.__name__]}." if cls.__name__ in _MORE else ""
        for sentence in messages(cls):
            if sentence not in by_sentence:
                by_sentence[sentence].append(f"{link}: {' '.join(what.split())}")
    for sentence, causes in sorted(by_sentence.items()):
        yield code(sentence), "\n  ".join(["", *causes])


def _code(name: str) -> str:
    meaning = CODES[name]
    answer = rest_answer(name, meaning)
    where = f" (REST: {answer})" if answer else ""
    text = prose(f"{meaning.explanation}. {meaning.advice}")
    return f"[`{name}`](reference/codes.md#{name}){where}: {text}"


def _check_messages() -> Iterator[tuple[str, str]]:
    for check_id, message in checks.all_messages().items():
        link = f"[`{message.id}`](reference/checks.md#{check_id.lower()})"
        yield code(message.msg), f"{prose(message.hint or '')} {link}"


def _setting_messages() -> Iterator[tuple[str, str]]:
    for key in sorted(KEYS - settings.MAPPINGS.keys()):
        text = f'DING["{key}"] must be {settings.expected(key)}, not …'
        yield f"[{code(text)}](settings.md#{key.lower()})", ""


def _other_messages() -> Iterator[str]:
    by_page: dict[str, list[str]] = defaultdict(list)
    for path, text in all_errors():
        by_page[next(page for start, page in _PAGES.items() if path.startswith(start))].append(text)
    for page, texts in by_page.items():
        yield f"See {page} about:\n\n{bullets((code(text), '') for text in texts)}"


@cache
def all_errors() -> list[tuple[str, str]]:
    """Return the module and the text of each error that is raised for a mistake in the settings, in order."""
    raised = {
        (str(path.relative_to(PACKAGE)), text_of(node.exc.args[0]))
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and _name(node.exc) in _ERRORS
    }
    # Without those that are made of a text from elsewhere only, and the one that each setting has of its own.
    return sorted((name, text) for name, text in raised if text.strip("…: .") and name != "conf/validators.py")


def _name(call: ast.Call) -> str:
    return getattr(call.func, "id", "") or getattr(call.func, "attr", "")
