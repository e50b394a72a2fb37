"""A client of the example's REST API that reads codes in the inbox."""

import requests

TIMEOUT = 20


class Visitor:
    """A client of the example's REST API.

    :param url: the URL of the site, without a trailing slash.
    :param login: user name and password; ``None`` for an anonymous client.
    """

    def __init__(self, url: str, login: tuple[str, str] | None = None) -> None:
        self.url = url
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.auth = login

    def get(self, path: str) -> requests.Response:
        return self._session.get(f"{self.url}{path}", timeout=TIMEOUT)

    def post(self, path: str, **content: str) -> requests.Response:
        return self._session.post(f"{self.url}{path}", json=content, timeout=TIMEOUT)

    def send(self, phone_number: str) -> requests.Response:
        return self.post("/api/phone/authentications/", phone_number=phone_number)

    def check(self, sent: requests.Response, code: str) -> requests.Response:
        return self.post(f"/api/phone/authentications/{sent.json()['id']}/check/", code=code)

    def retry(self, sent: requests.Response) -> requests.Response:
        return self.post(f"/api/phone/authentications/{sent.json()['id']}/retry/")

    def numbers(self) -> list[str]:
        return [number["phone_number"] for number in self.get("/api/phone/phone-numbers/").json()]

    def codes(self, phone_number: str) -> list[str]:
        """Return the codes in the inbox of a number, newest first."""
        inbox = self.get(f"/sandbox/inbox.json?phone_number={phone_number.replace('+', '%2B')}").json()
        return [message["code"] for message in inbox["messages"]]

    def close(self) -> None:
        self._session.close()
