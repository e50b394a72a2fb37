"""Somebody at a browser: what they open, type, press and read."""

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
SEND = "Send the code"
CONTINUE = "Continue"
RESEND = "Send another code"


class Person:
    """Uses the example as people do: by the names of fields, buttons and links.

    :param page: the tab they look at.
    :param url: of the example, without a slash at its end.
    :ivar complaints: what the browser wrote to its console, in any of their tabs.
    """

    def __init__(self, page: Any, url: str) -> None:
        self.page = page
        self.url = url
        self.complaints: list[str] = []
        self._listen(page)
        page.context.on("page", self._listen)

    @property
    def path(self) -> str:
        """Return what the address bar shows after the site's name."""
        return self.page.url.removeprefix(self.url)

    @property
    def text(self) -> str:
        """Return what the page says."""
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
        """Fill in the page's form and press its button, whatever the language."""
        self.fill(**fields)
        go(self.page.locator("main form button").first)

    def newest_code(self) -> str:
        """Read the code of the last message, in the tab that the page's link to the inbox opens."""
        with self.page.context.expect_page() as opened:
            self.page.click("main a[target=_blank]")
        code = opened.value.locator(".message .code").first.inner_text()
        opened.value.close()
        return code

    def enter_code(self) -> None:
        """Enter the code of the last message."""
        self.submit(code=self.newest_code())

    def log_in(self, *, next_url: str = "") -> None:
        """Give the right password."""
        self.open(f"{LOGIN}?next={next_url}")
        self.submit(username="demo", password="demo")

    def log_out(self) -> None:
        self.press("Log out")

    def ask_for_code(self, phone_number: str, *, path: str = PHONE_LOGIN) -> None:
        """Give a number to send a code to."""
        self.open(path)
        self.submit(phone_number=phone_number)

    def error(self, field: str) -> str:
        """Return the error that belongs to a field for those who can't see that it is near, too."""
        control = self.page.locator(f"main [name={field}]")
        assert control.get_attribute("aria-invalid") == "true"
        [described] = [name for name in control.get_attribute("aria-describedby").split() if name.endswith("_error")]
        announced = self.page.locator(f"#{described}[role=alert]")
        return announced.inner_text()

    @contextmanager
    def complaining(self, text: str) -> Iterator[None]:
        """Expect the browser to complain about what is done meanwhile."""
        with self.page.expect_console_message(lambda said: text in said.text):
            yield
        self.complaints[:] = [complaint for complaint in self.complaints if text not in complaint]

    def _listen(self, page: Any) -> None:
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
