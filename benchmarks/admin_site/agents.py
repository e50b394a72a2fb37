"""A support agent in the admin: over HTTP, or inside this process where the SQL can be seen."""

import re
from contextlib import closing
from html.parser import HTMLParser
from http.client import HTTPConnection, HTTPResponse
from typing import Protocol
from urllib.parse import urlencode

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

_NAME = "support"
_TOKEN = "t" * 32  # The CSRF cookie and the form have to match.


class Agent(Protocol):
    """What an agent does in the admin. Every response must be a success."""

    def rest(self) -> None:
        """Wait until the server has finished earlier requests."""

    def get(self, path: str) -> str:
        """Open a page."""

    def search(self, path: str, typed: str) -> str:
        """Post a search, and open the page it leads to, if it found something."""

    def begin(self, path: str) -> str:
        """Read the first part of an export."""


def session() -> str:
    """Return the session key of a user with every permission of this app, and those to look at users."""
    user, _ = get_user_model().objects.get_or_create(username=_NAME, defaults={"is_staff": True})
    user.user_permissions.set(Permission.objects.filter(content_type__app_label__in=("django_ding", "auth")))
    client = Client()
    client.force_login(user)
    return client.cookies["sessionid"].value


def links(page: str) -> list[str]:
    """Return the query strings of a list's links to itself: filters, dates, pages."""
    found = _Links()
    found.feed(page)
    return list(dict.fromkeys(found.queries))


class HttpAgent:
    """Uses one connection, as a browser would, without loading static files."""

    def __init__(self, address: tuple[str, int], key: str) -> None:
        self._address = address
        self._headers = {"Host": "localhost", "Cookie": f"sessionid={key}; csrftoken={_TOKEN}"}
        self._connection = HTTPConnection(*address, timeout=600)

    def rest(self) -> None:
        self.get(reverse("admin:jsi18n"))

    def get(self, path: str) -> str:
        return self._read(self._ask("GET", path), path)

    def search(self, path: str, typed: str) -> str:
        form = urlencode({"q": typed, "csrfmiddlewaretoken": _TOKEN})
        answer = self._ask("POST", path, form, {"Content-Type": "application/x-www-form-urlencoded"})
        if answer.status == 200:  # Nothing was found, and the page says so.
            return self._read(answer, path)
        answer.read()
        return self.get(answer.headers["Location"])

    def begin(self, path: str) -> str:
        with closing(HTTPConnection(*self._address, timeout=600)) as connection:
            connection.request("GET", path, headers=self._headers)
            return self._read(connection.getresponse(), path, 1)

    def close(self) -> None:
        self._connection.close()

    def _ask(self, method: str, path: str, body: str = "", headers: dict[str, str] | None = None) -> HTTPResponse:
        self._connection.request(method, path, body or None, self._headers | (headers or {}))
        return self._connection.getresponse()

    def _read(self, answer: HTTPResponse, path: str, most: int | None = None) -> str:
        body = answer.read(most).decode()
        if answer.status != 200:
            raise SystemExit(f"{path} failed with {answer.status} {answer.headers.get('Location', '')}")
        return body


class InsideAgent:
    """Uses Django's test client."""

    def __init__(self, key: str) -> None:
        self._client = Client(headers={"host": "localhost"}, raise_request_exception=True)
        self._client.cookies["sessionid"] = key

    def rest(self) -> None:
        pass

    def get(self, path: str) -> str:
        return self._client.get(path).content.decode()

    def search(self, path: str, typed: str) -> str:
        return self._client.post(path, {"q": typed}, follow=True).content.decode()

    def begin(self, path: str) -> str:
        parts = iter(self._client.get(path).streaming_content)
        return "".join(part.decode() for _, part in zip(range(2), parts, strict=False))


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.queries: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        target = dict(attrs).get({"a": "href", "option": "value"}.get(tag, "")) or ""
        if re.match(r"\?.", target):
            self.queries.append(target)
