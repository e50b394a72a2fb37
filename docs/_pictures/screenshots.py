"""Make the screenshots of the documentation: ``tox run -e screenshots``.

The example project is served with its data, and Chromium walks through it, light and dark. The pictures go to
``docs/_static/pictures/``, each with ``-light`` or ``-dark`` at the end of its name.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "docs" / "_static" / "pictures"
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
PHONE = {"viewport": {"width": 390, "height": 720}, "device_scale_factor": 2}
DESKTOP = {"viewport": {"width": 1280, "height": 900}}
#: Seconds that the example may take to fill its database and start.
PATIENCE = 180


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    chromium = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if not chromium:
        sys.exit("There is no Chromium. Install it, or name its path in CHROMIUM.")
    with example() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for scheme in ("light", "dark"):
            walk_as_user(Camera(browser, url, scheme, PHONE))
            walk_as_support(Camera(browser, url, scheme, DESKTOP))
        browser.close()


@contextmanager
def example() -> Iterator[str]:
    """Serve the example with data from a database of its own, and yield its address."""
    with socket.socket() as free, tempfile.TemporaryDirectory() as directory:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        url = f"http://127.0.0.1:{port}"
        environment = {**os.environ, "DATABASE_URL": f"sqlite:///{directory}/db.sqlite3", "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "example_project/manage.py", "demo", "--data", "--port", str(port)]
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        try:
            wait_for(url)
            yield url
        finally:
            server.terminate()
            server.wait()


def wait_for(url: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url).close()
        except URLError:
            time.sleep(0.5)
        else:
            return
    sys.exit(f"The example doesn't answer at {url} within {PATIENCE} seconds.")


class Camera:
    """A visitor in a browser of their own, who takes pictures."""

    def __init__(self, browser: Browser, url: str, scheme: str, screen: dict[str, Any]) -> None:
        self.url = url
        self.scheme = scheme
        self.page: Page = browser.new_context(base_url=url, color_scheme=scheme, locale="en-GB", **screen).new_page()

    def take(self, name: str) -> None:
        self.page.screenshot(path=PICTURES / f"{name}-{self.scheme}.png", animations="disabled", caret="hide")

    def log_in(self) -> None:
        self.page.goto("/login/?next=/")
        self.page.fill("[name=username]", "demo")
        self.enter("password", "demo")

    def enter(self, field: str, text: str) -> None:
        """Fill the last field of a form, and send it."""
        with self.page.expect_navigation():
            self.page.fill(f"[name={field}]", text)
            self.page.press(f"[name={field}]", "Enter")

    def code_of(self, phone_number: str) -> str:
        """Return the newest code that the inbox has for a number."""
        path = f"{self.url}/sandbox/inbox.json?phone_number={phone_number.replace('+', '%2B')}"
        return json.load(urllib.request.urlopen(path))["messages"][0]["code"]


#: One a scheme, since a number that was asked a moment ago has to wait. They are reserved for fiction.
VISITORS = {"light": "+12025550141", "dark": "+12025550142"}


def walk_as_user(camera: Camera) -> None:
    page, number = camera.page, VISITORS[camera.scheme]
    page.goto("/phone/login/")
    camera.take("login-page")
    camera.enter("phone_number", number)
    camera.take("code-page")
    camera.enter("code", camera.code_of(number))
    page.goto("/phone/numbers/")
    camera.take("numbers-page")


def walk_as_support(camera: Camera) -> None:
    page = camera.page
    camera.log_in()
    page.goto("/sandbox/")
    camera.take("inbox")
    page.goto("/admin/django_ding/authentication/")
    camera.take("admin-list")
    camera.enter("q", "06 12 34 56 78")
    camera.take("admin-search")
    with page.expect_navigation():
        page.locator("#result_list tbody a").first.click()
    camera.take("admin-verification")
    page.goto("/admin/django_ding/dailystatistics/")
    camera.take("admin-statistics")


if __name__ == "__main__":
    main()
