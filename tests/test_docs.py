"""The Python examples of the documentation run."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.contrib.auth import get_user_model
from django.dispatch import Signal

from django_ding import signals

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")


@pytest.fixture(autouse=True)
def receivers(monkeypatch):
    """Forget the receivers that the examples connect."""
    for signal in filter(lambda named: isinstance(named, Signal), vars(signals).values()):
        monkeypatch.setattr(signal, "receivers", [])


@pytest.fixture
def names(user):
    """What the examples take for granted."""
    return {
        "INSTALLED_APPS": [],
        "User": get_user_model(),
        "env": {"DING_API_KEY": "key", "DING_CUSTOMER_UUID": "00000000-0000-4000-8000-000000000000"}.get,
        "request": SimpleNamespace(user=user),
        "user": user,
        "__name__": "example",
    }


@pytest.mark.django_db
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_examples_run(page, names):
    for block in BLOCK.findall(page.read_text()):
        exec(compile(block, page.name, "exec"), names)  # noqa: S102


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for target in LINK.findall(page.read_text()):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_plus_is_sent_as_a_space(page):
    assert re.findall(r"curl .*(?:-d|--data) \S*=\+", page.read_text()) == []
