"""The codes of failures and refusals: whose fault, who reads what, and what a REST client gets."""

from collections.abc import Iterator

from ding_reference import rest
from ding_reference.markdown import code, facts, prose
from django_ding.api.exceptions import HTTP_STATUS
from django_ding.codes import BLOCKED, CODES, LOCKED_OUT, UNAVAILABLE, Code, Fault

_HEADINGS = {
    Fault.USER: ("The user's input", "The user can enter something else. REST clients get 400 with the code, if any."),
    Fault.LIMIT: ("Limits", "The user can try again later."),
    Fault.STATE: ("Outcomes", "What follows from what happened before. No one is at fault."),
    Fault.ACCOUNT: (
        "Your settings and your account at the provider",
        "Only you can fix these. Users read that verification is temporarily unavailable, REST clients get 503.",
    ),
    Fault.OUTAGE: ("Outages", "A later attempt may work. REST clients get 503."),
}
#: A status of a check that REST answers by another name, and a code of what REST has no endpoint for.
_OTHER_NAMES = {"number_taken": "phone_number_taken", "unsupported_operation": ""}


def rest_answer(name: str, meaning: Code) -> str:
    """Return the status and the code that a REST client gets, empty where none does."""
    sent = _OTHER_NAMES.get(name, name)
    if sent not in rest.documented_codes():
        sent = _general_code(name, meaning)
    return f"{HTTP_STATUS.get(sent, 400)} {code(sent)}" if sent else ""


def _general_code(name: str, meaning: Code) -> str:
    """Return the code that stands for several, so that a client learns no more than it may."""
    if name in _OTHER_NAMES:
        return ""
    if meaning.user_message in (BLOCKED, LOCKED_OUT):
        return "blocked"
    return {Fault.LIMIT: "rate_limited", Fault.ACCOUNT: "unavailable", Fault.OUTAGE: "unavailable"}.get(
        meaning.fault, ""
    )


def markdown() -> str:
    """Return a section for each kind of fault, with one for each code."""
    return "\n".join(_sections())


def _sections() -> Iterator[str]:
    for fault, (heading, text) in _HEADINGS.items():
        yield f"## {heading}\n\n{text}\n"
        for name, meaning in CODES.items():
            if meaning.fault is fault:
                yield _section(name, meaning)


def _section(name: str, meaning: Code) -> str:
    found = [("Cause", f"{prose(_sentence(meaning.explanation))}"), ("Advice for support", prose(meaning.advice))]
    if meaning.user_message:
        found.insert(0, ("The user reads", code(meaning.user_message)))
    elif meaning.fault in (Fault.ACCOUNT, Fault.OUTAGE):
        found.insert(0, ("The user reads", code(UNAVAILABLE)))
    if answer := rest_answer(name, meaning):
        found.append(("REST", answer))
    if meaning.may_have_sent:
        found.append(("Message", "It may have been sent in spite of the failure."))
    return f"### `{name}`\n\n{facts(found)}"


def _sentence(text: object) -> str:
    sentence = str(text)
    return f"{sentence[:1].upper()}{sentence[1:]}."
