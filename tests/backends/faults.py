"""What can go wrong on the way to the provider and back, and what is made of it."""

import gzip
import zlib

from django_ding.exceptions import BackendRejected, BackendUnavailable
from tests.backends.servers import Answer, answer, refusal

CLOSED_UNREAD = Answer(unread=True, close=True)
CLOSED_READ = Answer(close=True)
SILENT = Answer(silent=True)
SILENT_AFTER_HEAD = Answer(data=b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{", silent=True)
TRUNCATED = Answer(data=b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"status": "valid"', close=True)
NOT_HTTP = Answer(data=b"Who is there?\r\n\r\n", close=True)
SWITCHED_PROTOCOLS = Answer(data=b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: other\r\n\r\n")
TWO_LENGTHS = Answer(data=b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}\n")
NEGATIVE_CHUNK = Answer(data=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n")
TRICKLING_HEAD = Answer(data=b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 90 + b"\r\n", slowly=0.05)
TRICKLING_BODY = Answer(data=b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + b" " * 500, slowly=0.05)
RESET_UNREAD = Answer(unread=True, reset=True)
RESET_READ = Answer(reset=True)
ENDLESS_CHUNKS = Answer(
    data=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", endless=b"1000\r\n" + b" " * 4096 + b"\r\n"
)
ENDLESS_BODY = Answer(data=b"HTTP/1.1 200 OK\r\n\r\n", endless=b" " * 4096)
ENDLESS_PROGRESS = Answer(endless=b"HTTP/1.1 100 Continue\r\nX: " + b"y" * 4096 + b"\r\n\r\n")
LONG_HEAD = Answer(data=b"HTTP/1.1 200 OK\r\n" + (b"X: " + b"y" * 60_000 + b"\r\n") * 90 + b"\r\n")


def long_answer(**changes) -> Answer:
    return answer(body=b'{"status": "valid", "filler": "' + b" " * 10_000_000 + b'"}', **changes)


def bomb(encoding: str) -> Answer:
    """Return 64 MiB of spaces, packed into 64 KiB."""
    pack = {"gzip": gzip.compress, "deflate": zlib.compress}[encoding]
    return answer(body=pack(b" " * 64 * 1024 * 1024), headers={"Content-Encoding": encoding})


#: Fault → what the provider does, the family of the error, its code.
FAULTS = {
    "closed_read": (CLOSED_READ, BackendUnavailable, "connection_lost"),
    "closed_unread": (CLOSED_UNREAD, BackendUnavailable, "connection_lost"),
    "reset_read": (RESET_READ, BackendUnavailable, "connection_lost"),
    "reset_unread": (RESET_UNREAD, BackendUnavailable, "connection_lost"),
    "truncated": (TRUNCATED, BackendUnavailable, "connection_lost"),
    "not_http": (NOT_HTTP, BackendUnavailable, "connection_lost"),
    "switched_protocols": (SWITCHED_PROTOCOLS, BackendUnavailable, "connection_lost"),
    "two_lengths": (TWO_LENGTHS, BackendUnavailable, "connection_lost"),
    "negative_chunk": (NEGATIVE_CHUNK, BackendUnavailable, "connection_lost"),
    "silent": (SILENT, BackendUnavailable, "timeout"),
    "silent_after_head": (SILENT_AFTER_HEAD, BackendUnavailable, "timeout"),
    "slow_head": (TRICKLING_HEAD, BackendUnavailable, "timeout"),
    "slow_body": (TRICKLING_BODY, BackendUnavailable, "timeout"),
    "html": (answer(body=b"<html>", headers={"Content-Type": "text/html"}), BackendUnavailable, "not_json"),
    "list": (answer([]), BackendUnavailable, "not_json"),
    "number": (answer(7), BackendUnavailable, "not_json"),
    "empty": (answer(body=b""), BackendUnavailable, "not_json"),
    "not_utf8": (answer(body=b'{"status": "\xff"}'), BackendUnavailable, "not_json"),
    "nested": (answer(body=b"[" * 200_000), BackendUnavailable, "not_json"),
    "gzip_bomb": (bomb("gzip"), BackendUnavailable, "not_json"),
    "deflate_bomb": (bomb("deflate"), BackendUnavailable, "not_json"),
    "ten_megabytes": (long_answer(), BackendUnavailable, "answer_too_long"),
    "ten_megabytes_of_error": (long_answer(status=400), BackendUnavailable, "answer_too_long"),
    "endless_chunks": (ENDLESS_CHUNKS, BackendUnavailable, "answer_too_long"),
    "endless_body": (ENDLESS_BODY, BackendUnavailable, "answer_too_long"),
    "endless_progress": (ENDLESS_PROGRESS, BackendUnavailable, "answer_too_long"),
    "long_head": (LONG_HEAD, BackendUnavailable, "answer_too_long"),
    "redirect": (answer(status=301, headers={"Location": "/elsewhere"}), BackendUnavailable, "redirected"),
    "bad_redirect": (answer(status=302, headers={"Location": "http://["}), BackendUnavailable, "redirected"),
    "unauthorized": (refusal("unauthorized", status=401), BackendRejected, "unauthorized"),
    "forbidden": (answer(status=403, body=b"<html>"), BackendRejected, "unauthorized"),
    "request_timeout": (answer(status=408), BackendUnavailable, "http_408"),
    "too_many_requests": (answer(status=429), BackendUnavailable, "too_many_requests"),
    "server_error": (answer(status=500), BackendUnavailable, "http_500"),
    "bad_gateway": (answer(status=502, body=b"<html>"), BackendUnavailable, "http_502"),
    "unavailable": (answer(status=503), BackendUnavailable, "http_503"),
}
#: Those of which the provider says that it did not do what it was asked.
REFUSALS = {"unauthorized", "forbidden", "too_many_requests"}


def read_timeout(name: str) -> float:
    """Return seconds that a fault of this name doesn't need, or for one that lasts for ever, few to wait for."""
    return 0.3 if FAULTS[name][2] == "timeout" else 10.0
