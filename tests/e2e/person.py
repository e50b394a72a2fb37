"""A person at a browser: what they open, type, press and read."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.browser import go

LOGIN = "/login/"
PHONE_LOGIN = "/phone/login/"
LOGIN_CODE = "/phone/login/code/"
SECOND_FACTOR = "/phone/second-factor/"
NUMBERS = "/phone/numbers/"
ADD = "/phone/numbers/add/"
NUMBER_CODE = "/phone/numbers/code/"
VAULT = "/vault/"

#: The buttons of the pages.
SEND = "Send code"
CONTINUE = "Continue"
RESEND = "Resend code"


class Person:
    """Uses the example as people do, by the labels of fields, buttons and links.

    :param page: the current tab.
    :param url: the URL of the example, without a trailing slash.
    :ivar console_errors: what the browser logged as errors, in all tabs.
    """

    def __init__(self, page: Any, url: str) -> None:
        self.page = page
        self.url = url
        self.console_errors: list[str] = []
        self._listen(page)
        page.context.on("page", self._listen)

    @property
    def path(self) -> str:
        """Return the path and the query in the address bar."""
        return self.page.url.removeprefix(self.url)

    @property
    def text(self) -> str:
        """Return the text of the page."""
        return self.page.inner_text("main")

    @property
    def heading(self) -> str:
        return self.page.inner_text("h1")

    def open(self, path: str) -> None:
        self.page.goto(f"{self.url}{path}")

    def new_tab(self) -> "Person":
        """Open another tab of the same browser."""
        return Person(self.page.context.new_page(), self.url)

    def fill(self, **fields: str) -> None:
        """Fill in fields by their names."""
        for name, value in fields.items():
            self.page.fill(f"main [name={name}]", value)

    def press(self, button: str) -> None:
        go(self.page.get_by_role("button", name=button, exact=True))

    def follow(self, link: str) -> None:
        go(self.page.get_by_role("link", name=link, exact=True).first)

    def submit(self, **fields: str) -> None:
        """Fill in the page's form and press its button, in any language."""
        self.fill(**fields)
        go(self.page.locator("main form button").first)

    def newest_code(self) -> str:
        """Return the code of the newest message, from the tab that the page's link to the inbox opens."""
        with self.page.context.expect_page() as opened:
            self.page.click("main a[target=_blank]")
        code = opened.value.locator(".message .code").first.inner_text()
        opened.value.close()
        return code

    def enter_code(self) -> None:
        """Enter the code of the newest message."""
        self.submit(code=self.newest_code())

    def log_in(self, *, next_url: str = "") -> None:
        """Log in with the right password."""
        self.open(f"{LOGIN}?next={next_url}")
        self.submit(username="demo", password="demo")

    def log_out(self) -> None:
        self.press("Log out")

    def request_code(self, phone_number: str, *, path: str = PHONE_LOGIN) -> None:
        """Enter a number to send a code to."""
        self.open(path)
        self.submit(phone_number=phone_number)

    def error(self, field: str) -> str:
        """Return the error of a field, as assistive technology finds it."""
        control = self.page.locator(f"main [name={field}]")
        assert control.get_attribute("aria-invalid") == "true"
        [described] = [name for name in control.get_attribute("aria-describedby").split() if name.endswith("_error")]
        return self.page.locator(f"#{described}[role=alert]").inner_text()

    @contextmanager
    def expect_console_error(self, text: str) -> Iterator[None]:
        """Expect the browser to log an error that contains ``text``."""
        with self.page.expect_console_message(lambda message: text in message.text):
            yield
        self.console_errors[:] = [error for error in self.console_errors if text not in error]

    def _listen(self, page: Any) -> None:
        page.on("pageerror", lambda error: self.console_errors.append(str(error)))
        page.on("console", self._console_message)

    def _console_message(self, message: Any) -> None:
        if message.type == "error":
            self.console_errors.append(message.text)
