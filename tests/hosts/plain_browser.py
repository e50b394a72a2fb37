"""A browser without scripts."""

import re

import requests

from tests.e2e.processes import TIMEOUT


class Browser:
    """Follows redirects, and submits the first form of a page."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False

    def open(self, path: str) -> requests.Response:
        return self._checked(self.session.get(f"{self.url}{path}", timeout=TIMEOUT))

    def submit(self, page: requests.Response, path: str = "", **data: str) -> requests.Response:
        hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
        return self._checked(
            self.session.post(f"{self.url}{path}" if path else page.url, data={**dict(hidden), **data}, timeout=TIMEOUT)
        )

    def code(self, phone_number: str) -> str:
        """Return the newest code in the sandbox's inbox."""
        inbox = self.open(f"/sandbox/inbox.json?phone_number={phone_number.replace('+', '%2B')}").json()
        return inbox["messages"][0]["code"]

    def path(self, page: requests.Response) -> str:
        return page.url.removeprefix(self.url)

    @staticmethod
    def _checked(page: requests.Response) -> requests.Response:
        assert page.status_code == 200, page.text
        return page
