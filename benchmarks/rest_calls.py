"""The calls that ``rest.py`` measures: what is prepared for a block of each, and the requests of the block."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count, cycle

from benchmarks.http_client import Client, Request

API = "/api/phone/"
AUTHENTICATIONS = f"{API}authentications/"

#: Ten million numbers. Successive ones have different prefixes, so no rate by prefix is reached.
_numbers: Iterator[str] = (f"+3361{index * 7_919 % 10_000_000:07}" for index in count())

#: The verified numbers of the users, each used again once its last login has long been over.
_verified: Iterator[str] = cycle(f"+3371000{user:04}" for user in range(1000))

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
    """

    block: Block
    floor: str
    variables: Mapping[str, str] = field(default_factory=dict)
    packages: tuple[str, ...] = ()


def _send(path: str) -> Block:
    def block(client: Client, size: int) -> list[Request]:
        return [Request(path=path, body=_number(next(_numbers)), status=201) for _ in range(size)]

    return block


def _after_send(path: str, suffix: str = "", *, method: str = "POST", body: str = "") -> Block:
    """Return the block of a call on authentications that have just been made."""

    def block(client: Client, size: int) -> list[Request]:
        ids = map(_id, client.send_all(_send(path)(client, size), at_a_time=8))
        return [Request(method=method, path=f"{path}{pk}/{suffix}", body=body) for pk in ids]

    return block


def _login_check(client: Client, size: int) -> list[Request]:
    path, headers = f"{API}login/", _ANONYMOUS + _CSRF
    sends = [
        Request(path=path, body=f'{{"phone_number": "{next(_verified)}"}}', headers=headers, status=201)
        for _ in range(size)
    ]
    ids = map(_id, client.send_all(sends, at_a_time=8))
    return [Request(path=f"{path}{pk}/check/", body=_CODE, headers=headers) for pk in ids]


def _refused(client: Client, size: int) -> list[Request]:
    return [Request(path=AUTHENTICATIONS, body=_number(next(_numbers)), status=429) for _ in range(size)]


def _webhook(client: Client, size: int) -> list[Request]:
    ids = map(_id, client.send_all(_send(AUTHENTICATIONS)(client, size), at_a_time=8))
    return [Request(path="/ding/webhooks/default/", body=f'{{"id": "{pk}"}}') for pk in ids]


def _number_page(client: Client, size: int) -> list[Request]:
    return [Request(method="GET", path="/phone/login/", headers="")] * size


def _code_page(client: Client, size: int) -> list[Request]:
    body = f"phone_number_0=FR&phone_number_1=%2B{next(_verified)[1:]}&csrfmiddlewaretoken={'c' * 32}"
    sent = client.send(Request(path="/phone/login/", body=body, headers=_FORM + _CSRF, status=302))
    session = sent.partition("sessionid=")[2].partition(";")[0]
    return [Request(method="GET", path="/phone/login/code/", headers=f"Cookie: sessionid={session}\r\n")] * size


def _number(number: str) -> str:
    return f'{{"phone_number": "{number}", "purpose": "second_factor"}}'


def _id(response: str) -> str:
    return response.partition('"id":"')[2].partition('"')[0]


def _issuer(name: str, *packages: str) -> Call:
    return Call(
        block=_login_check,
        floor="check",
        variables={"TOKEN_ISSUER": f"django_ding.api.tokens.{name}"},
        packages=packages,
    )


FLOOR = {
    "send": _send("/floor/"),
    "check": _after_send("/floor/", "check/", body=_CODE),
    "get": _after_send("/floor/", method="GET"),
}

CALLS = {
    "send": Call(block=_send(AUTHENTICATIONS), floor="send"),
    "check": Call(block=_after_send(AUTHENTICATIONS, "check/", body=_CODE), floor="check"),
    "get": Call(block=_after_send(AUTHENTICATIONS, method="GET"), floor="get"),
    "retry": Call(block=_after_send(AUTHENTICATIONS, "retry/", body="{}"), floor="send"),
    "refused send": Call(block=_refused, floor="send", variables={"SEND_LIMIT": "0"}),
    "webhook": Call(block=_webhook, floor="check"),
    "login: session": _issuer("session"),
    "login: authtoken": _issuer("authtoken"),
    "login: knox": _issuer("knox", "knox"),
    "login: simplejwt": _issuer("simplejwt", "rest_framework_simplejwt"),
    "page: number": Call(block=_number_page, floor="get", variables={"PAGES": "1"}),
    "page: code": Call(block=_code_page, floor="get", variables={"PAGES": "1"}),
}
