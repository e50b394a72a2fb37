"""The calls that ``rest.py`` measures: what is prepared for a block of each, and the requests of the block."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count, cycle

from benchmarks.http_client import Client, Request

API = "/api/phone/"
AUTHENTICATIONS = f"{API}authentications/"

#: Ten million numbers. Successive ones have different prefixes, so no rate by prefix is reached.
_numbers: Iterator[str] = (f"+3361{index * 7_919 % 10_000_000:07}" for index in count())

#: The verified numbers of users, each used again once its last login is over, and of those who stay on the code page.
_verified: Iterator[str] = cycle(f"+3361234{user:04}" for user in range(800))
_waiting: Iterator[str] = (f"+3361234{user:04}" for user in range(800, 1000))

#: Of the requests that need a user. An authentication is that of the user who made it.
_users: Iterator[int] = cycle(range(1, 1001))

#: Of clients that repeat what is refused: few, so that it isn't what the first refusals cost.
_repeating: Iterator[int] = cycle(range(1, 5))
_asked_again: Iterator[str] = cycle(f"+3361234{user:04}" for user in range(4))

_UUID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_CODE = '{"code": "123456"}'
_ANONYMOUS = "Content-Type: application/json\r\n"
_FORM = "Content-Type: application/x-www-form-urlencoded\r\n"
_CSRF = f"Cookie: csrftoken={'c' * 32}\r\nX-CSRFToken: {'c' * 32}\r\n"

Block = Callable[[Client, int], list[Request]]


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call, and the requests of which a block of it is made.

    :ivar block: prepares so many requests, which isn't measured, and returns them.
    :ivar floor: the call of the floor that it is compared with.
    :ivar variables: environment variables of the server that it needs for itself.
    :ivar packages: those that it needs.
    :ivar leaves_codes: whether its codes must be entered afterwards, or too few were, and sending was blocked.
    """

    block: Block
    floor: str
    variables: Mapping[str, str] = field(default_factory=dict)
    packages: tuple[str, ...] = ()
    leaves_codes: bool = False


def _send(path: str) -> Block:
    def block(client: Client, size: int) -> list[Request]:
        return [
            Request(path=path, body=_number(next(_numbers)), headers=_user(next(_users)), status=201)
            for _ in range(size)
        ]

    return block


def _after_send(path: str, suffix: str = "", *, method: str = "POST", body: str = "") -> Block:
    """Return the block of a call on authentications that have just been made."""

    def block(client: Client, size: int) -> list[Request]:
        sends = _send(path)(client, size)
        ids = map(_id, client.send_all(sends, at_a_time=8))
        return [
            Request(method=method, path=f"{path}{pk}/{suffix}", body=body, headers=send.headers)
            for send, pk in zip(sends, ids, strict=True)
        ]

    return block


def _login_check(client: Client, size: int) -> list[Request]:
    path, headers = f"{API}login/", _ANONYMOUS + _CSRF
    sends = [
        Request(path=path, body=f'{{"phone_number": "{next(_verified)}"}}', headers=headers, status=201)
        for _ in range(size)
    ]
    ids = map(_id, client.send_all(sends, at_a_time=8))
    return [Request(path=f"{path}{pk}/check/", body=_CODE, headers=headers) for pk in ids]


def _refused(numbers: Iterator[str], users: Iterator[int]) -> Block:
    def block(client: Client, size: int) -> list[Request]:
        return [
            Request(path=AUTHENTICATIONS, body=_number(next(numbers)), headers=_user(next(users)), status=429)
            for _ in range(size)
        ]

    return block


def _webhook(client: Client, size: int) -> list[Request]:
    sends = _send(AUTHENTICATIONS)(client, size)
    ids = map(_id, client.send_all(sends, at_a_time=8))
    return [
        Request(path="/ding/webhooks/default/", body=f'{{"id": "{pk}"}}', headers=send.headers)
        for send, pk in zip(sends, ids, strict=True)
    ]


def _number_page(client: Client, size: int) -> list[Request]:
    return [Request(method="GET", path="/phone/login/", headers="")] * size


def _code_page(client: Client, size: int) -> list[Request]:
    body = f"phone_number_country=FR&phone_number=%2B{next(_waiting)[1:]}&csrfmiddlewaretoken={'c' * 32}"
    sent = client.send(Request(path="/phone/login/", body=body, headers=_FORM + _CSRF, status=302))
    session = sent.partition("sessionid=")[2].partition(";")[0]
    return [Request(method="GET", path="/phone/login/code/", headers=f"Cookie: sessionid={session}\r\n")] * size


def _user(key: int) -> str:
    return f"Authorization: Bearer {key}\r\n{_ANONYMOUS}"


def _number(number: str) -> str:
    return f'{{"phone_number": "{number}", "purpose": "second_factor"}}'


def _id(response: str) -> str:
    return response.partition('"id":"')[2].partition('"')[0]


def enter_codes(client: Client, requests: list[Request], responses: list[str]) -> None:
    """Enter the codes that requests were about."""
    checks = []
    for request, response in zip(requests, responses, strict=True):
        pk = _UUID.findall(request.path + request.body + response)[0]
        checks.append(Request(path=f"{AUTHENTICATIONS}{pk}/check/", body=_CODE, headers=request.headers))
    client.send_all(checks, at_a_time=8)


def _issuer(name: str, *packages: str) -> Call:
    return Call(
        block=_login_check,
        floor="check",
        variables={"TOKEN_ISSUER": f"django_ding.api.tokens.{name}"},
        packages=packages,
    )


FLOOR = {
    "send": Call(block=_send("/floor/"), floor="send"),
    "check": Call(block=_after_send("/floor/", "check/", body=_CODE), floor="check"),
    "get": Call(block=_after_send("/floor/", method="GET"), floor="get"),
}

CALLS = {
    "send": Call(block=_send(AUTHENTICATIONS), floor="send", leaves_codes=True),
    "check": Call(block=_after_send(AUTHENTICATIONS, "check/", body=_CODE), floor="check"),
    "get": Call(block=_after_send(AUTHENTICATIONS, method="GET"), floor="get", leaves_codes=True),
    "retry": Call(block=_after_send(AUTHENTICATIONS, "retry/", body="{}"), floor="send", leaves_codes=True),
    "refused send": Call(block=_refused(_asked_again, _repeating), floor="send", variables={"USER_LIMIT": "0"}),
    "first refusal": Call(block=_refused(_numbers, _users), floor="send", variables={"USER_LIMIT": "0"}),
    "webhook": Call(block=_webhook, floor="check", leaves_codes=True),
    "login: session": _issuer("session"),
    "login: authtoken": _issuer("authtoken"),
    "login: knox": _issuer("knox", "knox"),
    "login: simplejwt": _issuer("simplejwt", "rest_framework_simplejwt"),
    "page: number": Call(block=_number_page, floor="get", variables={"PAGES": "1"}),
    "page: code": Call(block=_code_page, floor="get", variables={"PAGES": "1"}),
}
