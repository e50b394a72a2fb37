"""Chromium for the tests marked ``browser``, which ``tox run -e e2e`` runs.

Where it is missing they are skipped and say so; with ``CI=true`` that is a failure.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any

import pytest

#: Milliseconds for which a test waits for something on a page.
PATIENCE = 10_000

#: Waits until the colours of another scheme are there: in the admin they change within a moment, not at once.
_COLOURS_CHANGED = "Promise.all(document.getAnimations().filter(e => e instanceof CSSTransition).map(e => e.finished))"

#: The one without windows opens a page in a third of the time.
_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def chromium() -> str | None:
    """Return the path of the browser: ``CHROMIUM``, or the first one that is installed."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)


def _why_not() -> str:
    """Return why the tests are skipped; an empty text when they run."""
    if find_spec("playwright") is None:
        return "tox run -e e2e installs what drives a browser"
    if chromium() or os.environ.get("CI") == "true":
        return ""
    return "there is no Chromium: install it, or name its path in CHROMIUM"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    reason = _why_not()
    for item in items:
        if reason and item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, one per run."""
    from playwright.sync_api import sync_playwright

    path = chromium()
    assert path, "CI=true: a browser that is missing is a failure. Install Chromium."
    with pytest.MonkeyPatch.context() as environment, sync_playwright() as playwright:
        # Playwright keeps an event loop running in this thread, where Django would refuse to use the ORM.
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        # Root has no sandbox in it. Without a network, what it asks for in the background fails slowly.
        arguments = ["--no-sandbox", "--disable-background-networking"]
        running = playwright.chromium.launch(executable_path=path, args=arguments)
        yield running
        running.close()


@pytest.fixture
def new_page(browser) -> Iterator[Callable[..., Any]]:
    """Open a page of somebody new: ``new_page(locale="ar", color_scheme="dark")``, as ``Browser.new_context`` takes."""
    contexts = []

    def open_page(**options: Any) -> Any:
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.set_default_timeout(PATIENCE)
        return page

    yield open_page
    for context in contexts:
        context.close()


def go(control: Any) -> None:
    """Click on what leads to another page, and wait until that is there: a click alone may leave half of it."""
    with control.page.expect_navigation():
        control.click()


def check_accessibility(page: Any, context: str | None = None) -> None:
    """Fail where axe finds something wrong with a page, or with the part that a selector names, in either scheme.

    Only colours differ between them: the dark one is tried by the rules about colours alone.
    """
    from axe_playwright_python.sync_playwright import Axe

    for scheme, rules in (("light", {}), ("dark", {"runOnly": ["color-contrast", "link-in-text-block"]})):
        page.emulate_media(color_scheme=scheme)
        page.evaluate(_COLOURS_CHANGED)
        found = Axe().run(page, context, options={"resultTypes": ["violations"], **rules}).response["violations"]
        assert not found, f"{page.url}, {scheme}: {json.dumps(found, indent=1)}"


@pytest.fixture
def page(new_page) -> Any:
    """Somebody's page."""
    return new_page()
