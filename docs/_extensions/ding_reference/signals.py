"""The signals: what their comments in the source say."""

import re

from django.dispatch import Signal

from ding_reference.markdown import from_rst
from ding_reference.source import comments
from django_ding import signals


def all_signals() -> dict[str, str]:
    """Return the comment of each signal, in the order of the source."""
    return {name: text for name, text in comments(signals).items() if isinstance(getattr(signals, name), Signal)}


def markdown() -> str:
    """Return a section for each signal."""
    return "\n".join(_section(name, text) for name, text in all_signals().items())


def _section(name: str, comment: str) -> str:
    when, _, arguments = " ".join(comment.split()).partition("Arguments: ")
    sentences = [when.strip()]
    # What follows the arguments in a sentence of its own is about the signal.
    arguments, _, more = re.sub(r"\.( |$)", r".\n", arguments, count=1).partition("\n")
    if more.strip():
        sentences.append(more.strip())
    items = [f"- {from_rst(item.strip())}" for item in arguments.rstrip(".").split("; ")]
    return "\n".join([f"## `{name}`", "", from_rst(" ".join(sentences)), "", "Arguments:", "", *items, ""])
