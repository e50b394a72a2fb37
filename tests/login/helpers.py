"""A visitor's steps through the pages."""

import sys

from django.contrib.auth import SESSION_KEY
from django.http import HttpResponse
from django.views.debug import ExceptionReporter

PASSWORD = "/password/"
LOGIN = "/phone/login/"
LOGIN_CODE = "/phone/login/code/"
SECOND_FACTOR = "/phone/second-factor/"
ADD = "/phone/numbers/add/"
NUMBERS = "/phone/numbers/"
NUMBER_CODE = "/phone/numbers/code/"

ALICE = {"username": "alice", "password": "secret"}
BOB = {"username": "bob", "password": "secret"}


def wrong(code: str) -> str:
    """Return a code that is not this one."""
    return f"{(int(code) + 1) % 10 ** len(code):0{len(code)}d}"


def followed(client, answer) -> str:
    """Return the text of the page that a redirect leads to."""
    assert answer.status_code == 302, answer.text
    return client.get(answer.url).text


def reached(client, answer) -> str:
    """Return the text of the page that the visitor sees, after a redirect or without one."""
    return followed(client, answer) if answer.status_code == 302 else answer.text


def signed_in(client) -> str:
    """Return the key of the user whom this browser is signed in as, empty for nobody."""
    return client.session.get(SESSION_KEY, "")


def meanwhile(get_response):
    """A middleware: whoever asks first has their session read, and then waits for others to take their steps."""

    def wait(request):
        dict(request.session.items())
        while meanwhile.steps:
            meanwhile.steps.pop()()
        return get_response(request)

    return wait


meanwhile.steps = []


def reported(get_response):
    """A middleware: answers what fails with the report that its maintainers get."""

    def answer(request):
        return get_response(request)

    answer.process_exception = lambda request, error: HttpResponse(
        ExceptionReporter(request, *sys.exc_info()).get_traceback_html()
    )
    return answer
