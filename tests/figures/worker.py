"""What runs in each process of a crowd: threads that post to the REST API, on database connections of their own."""

import logging
import os
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

PATIENCE = 60.0


@dataclass(frozen=True, kw_only=True)
class Post:
    """A request of a user who is signed in."""

    path: str
    user_id: int
    body: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How many answers and signals of each kind some posts had."""

    answers: Counter[tuple[int, str]] = field(default_factory=Counter)
    signals: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(answers=self.answers + other.answers, signals=self.signals + other.signals)


class _Process:
    gate: Any
    threads: ThreadPoolExecutor


def prepare(changed: dict[str, Any], gate: Any, threads: int) -> None:
    """Make a Django of this process's own, with these settings changed."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django
    from django.conf import settings

    for name, value in changed.items():
        setattr(settings, name, value)
    django.setup()
    logging.getLogger("django_ding").addHandler(logging.NullHandler())  # Not a line for each of the many refusals.
    _Process.gate = gate
    _Process.threads = ThreadPoolExecutor(threads)


def post_all(posts: list[Post], ding: dict[str, Any]) -> Outcome:
    """Wait for the other processes, then post everything at once."""
    from django.test import override_settings

    with override_settings(DING=ding), _heard() as signals:
        _Process.gate.wait(PATIENCE)
        answers = Counter(_Process.threads.map(_post, posts))
    return Outcome(answers=answers, signals=signals)


@contextmanager
def _heard() -> Iterator[Counter[str]]:
    """Count the signals of this process."""
    from django_ding import signals

    names = {getattr(signals, name): name for name in ("code_sent", "send_failed", "phone_verified")}
    heard = Counter()

    def receiver(signal, **kwargs):
        heard[names[signal]] += 1

    for signal in names:
        signal.connect(receiver)
    try:
        yield heard
    finally:
        for signal in names:
            signal.disconnect(receiver)


def _post(post: Post) -> tuple[int, str]:
    from django.contrib.auth import get_user_model
    from rest_framework.test import APIClient

    client = APIClient(raise_request_exception=False)
    client.force_authenticate(get_user_model()(pk=post.user_id))
    answer = client.post(post.path, post.body, format="json")
    body = answer.json() if answer["Content-Type"] == "application/json" else {}
    return answer.status_code, body.get("code") or body.get("status", "")
