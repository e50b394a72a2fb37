"""Services that wait for the provider: in place, or for asynchronous callers without keeping their thread."""

import asyncio
import contextvars
import subprocess
import sys
import threading
from contextlib import suppress
from typing import ClassVar

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.contrib.auth import get_user_model
from django.core.asgi import get_asgi_application
from django.db import connection, connections
from django.db.backends.signals import connection_created
from django.http import HttpResponse
from django.test import override_settings
from django.urls import path
from django.utils import translation

from django_ding.exceptions import BackendUnavailable
from django_ding.models import Authentication
from django_ding.services import acheck, alookup, aretry, asend
from django_ding.steps import MAX_CALLS, in_steps, run_steps
from tests.helpers import ROOT, await_the_rest
from tests.stubs import Multichannel, using

CROWD = 50
#: For what never happens where the test passes.
PATIENCE = 10


class Meeting(Multichannel):
    """Answers once as many have asked at the same time as are expected."""

    crowd: ClassVar[threading.Barrier]

    def send(self, request):
        self.crowd.wait(PATIENCE)
        return super().send(request)

    def lookup(self, phone_number, *, caller_name=False):
        self.crowd.wait(PATIENCE)
        return super().lookup(phone_number, caller_name=caller_name)

    def check(self, sent, code):
        self.crowd.wait(PATIENCE)
        return super().check(sent, code)

    def retry(self, sent, *, channel=None):
        self.crowd.wait(PATIENCE)
        return super().retry(sent, channel=channel)


class Slow(Multichannel):
    """Answers when it is told to, and notes what it finds in the thread that asks."""

    asked: ClassVar[threading.Event]
    may_answer: ClassVar[threading.Event]
    found: ClassVar[list]

    def send(self, request):
        self.asked.set()
        assert self.may_answer.wait(PATIENCE)
        self.found.append(self.look())
        return super().send(request)

    def look(self):
        return threading.current_thread()


class Querying(Slow):
    """Reads the database, as a gateway of the project's own may."""

    def look(self):
        get_user_model().objects.count()
        return connections["default"]


VARIABLE = contextvars.ContextVar("VARIABLE")


class Localized(Slow):
    def look(self):
        return translation.get_language(), VARIABLE.get(None)


@pytest.fixture
def backend():
    """Start anew the stubs, which are made for each request."""
    Meeting.crowd = threading.Barrier(CROWD)
    Slow.asked, Slow.may_answer, Slow.found = threading.Event(), threading.Event(), []


pytestmark = pytest.mark.usefixtures("backend")


def run(coroutine):
    """Run a script, and close what its thread has opened."""

    async def script():
        try:
            return await coroutine
        finally:
            await sync_to_async(connections.close_all)()

    return asyncio.run(script())


async def send_to_many():
    return await asyncio.gather(*(asend(f"+336123456{number:02}") for number in range(CROWD)))


async def view(request):
    await send_to_many()
    return HttpResponse()


urlpatterns = [path("send/", view)]


async def request():
    """Send from the view, as an ASGI server would have it."""
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/send/",
        "query_string": b"",
        "headers": [(b"host", b"testserver")],
    }
    server = ApplicationCommunicator(get_asgi_application(), scope)
    await server.send_input({"type": "http.request"})
    assert (await server.receive_output(PATIENCE))["status"] == 200
    await server.receive_output(PATIENCE)
    await server.wait(PATIENCE)


# At once.


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("caller", [send_to_many, request])
def test_many_are_sent_at_once_with_one_connection(caller):
    created = []
    connection_created.connect(note := lambda connection, **_: created.append(connection))
    try:
        with using(Meeting), override_settings(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["testserver"]):
            run(caller())
    finally:
        connection_created.disconnect(note)
    assert Authentication.objects.filter(status="pending").count() == CROWD
    assert len({id(one) for one in created} - {id(connection._connections["default"])}) == 1


@pytest.mark.django_db(transaction=True)
def test_other_services_are_called_at_once(phone, clock):
    Meeting.crowd = threading.Barrier(2)
    numbers = (phone, "+33698765432")

    async def script():
        first, second = await asyncio.gather(*(asend(number, purpose="login") for number in numbers))
        clock.shift(60)
        await asyncio.gather(aretry(first.authentication), aretry(second.authentication))
        await asyncio.gather(acheck(first.authentication, "123456"), acheck(second.authentication, "123456"))
        await asyncio.gather(*map(alookup, numbers))

    with using(Meeting, LOOKUP_BEFORE_SEND=True):  # A lookup is another call.
        run(script())
    assert Authentication.objects.filter(status="validated").count() == 2


@pytest.mark.django_db(transaction=True)
def test_other_queries_are_made_meanwhile(phone):
    async def script():
        task = asyncio.create_task(asend(phone))
        await asyncio.to_thread(Slow.asked.wait, PATIENCE)
        statuses = [one.status async for one in Authentication.objects.all()]
        is_in_transaction = await sync_to_async(lambda: connection.in_atomic_block)()
        Slow.may_answer.set()
        return statuses, is_in_transaction, (await task).authentication.status

    with using(Slow):
        assert run(script()) == (["created"], False, "pending")


def test_calls_at_once_are_bounded():
    now, most, lock, is_full = 0, 0, threading.Lock(), threading.Event()

    def call():
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
            if now == MAX_CALLS:
                is_full.set()
        is_full.wait(PATIENCE)
        threading.Event().wait(0.05)  # For one more, if it were let in.
        with lock:
            now -= 1

    def calling():
        yield call

    async def script():
        await asyncio.gather(*(run_steps(calling) for _ in range(MAX_CALLS + 20)))

    asyncio.run(script())
    assert most == MAX_CALLS


# What is as it is in a synchronous call.


@pytest.mark.django_db
def test_test_case_has_all_in_its_thread_and_transaction(phone):
    Slow.may_answer.set()
    with using(Querying):
        authentication = async_to_sync(asend)(phone).authentication
    assert Slow.found == [connections["default"]]
    assert Authentication.objects.get() == authentication
    assert connection.in_atomic_block


@pytest.mark.django_db(transaction=True)
def test_connection_of_a_gateway_is_closed(phone):
    Slow.may_answer.set()
    with using(Querying):
        run(asend(phone))
    (used,) = Slow.found
    assert used is not connections["default"]
    assert used.connection is None


@pytest.mark.django_db(transaction=True)
def test_language_and_context_are_the_callers(phone):
    Slow.may_answer.set()

    async def script():
        VARIABLE.set("the caller's")
        with translation.override("ar"):
            await asend(phone)

    with using(Localized):
        run(script())
    assert Slow.found == [("ar", "the caller's")]


@pytest.mark.django_db(transaction=True)
def test_errors_are_the_services(phone):
    Meeting.crowd.abort()
    with using(Meeting), pytest.raises(threading.BrokenBarrierError):
        run(asend(phone))
    assert Authentication.objects.get().error_code == "unexpected_error"


@in_steps
def patient():
    """Try again after an outage."""
    try:
        return (yield call)
    except BackendUnavailable:
        return (yield call)


def call():
    return results.pop(0)()


def outage():
    raise BackendUnavailable(code="timeout", reached=True)


def bug():
    raise StopIteration


results = []


@pytest.mark.parametrize("service", [patient, lambda: asyncio.run(run_steps(patient.steps))])
def test_result_and_errors_reach_the_steps(service):
    results[:] = [outage, lambda: "sent"]
    assert service() == "sent"
    results[:] = [outage, outage]
    with pytest.raises(BackendUnavailable):
        service()
    results[:] = [bug]
    with pytest.raises(RuntimeError):
        service()
    assert results == []


# Cancelled callers.


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("backend_class", [Slow, Querying])
def test_cancelled_send_is_recorded(phone, backend_class):
    async def script():
        task = asyncio.create_task(asend(phone))
        await asyncio.to_thread(Slow.asked.wait, PATIENCE)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        assert task.cancelled()

    with using(backend_class):
        run(script())  # Ends before the provider has answered.
        assert Authentication.objects.get().status == "created"
        Slow.may_answer.set()
        await_the_rest()
    assert Authentication.objects.get().status == "pending"


@pytest.mark.django_db(transaction=True)
def test_send_that_is_cancelled_in_time_is_none(phone):
    async def script():
        busy = asyncio.create_task(sync_to_async(Slow.may_answer.wait)(PATIENCE))
        task = asyncio.create_task(asend(phone))
        await asyncio.sleep(0.01)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        Slow.may_answer.set()
        await busy

    with using(Slow):
        run(script())
        await_the_rest()
    assert not Authentication.objects.exists()


def test_forked_process_has_threads_of_its_own():
    script = """
import asyncio, os, django
from django.conf import settings
settings.configure()
django.setup()
from django_ding.steps import run_steps

def calling():
    return (yield os.getpid)

assert asyncio.run(run_steps(calling)) == os.getpid()
if child := os.fork():
    raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))

async def script():
    async with asyncio.timeout(5):
        # In another thread than that of asgiref's, which the fork has taken away as well.
        from asgiref.sync import ThreadSensitiveContext
        async with ThreadSensitiveContext():
            return await run_steps(calling)

assert asyncio.run(script()) == os.getpid()
os._exit(0)
"""
    subprocess.run([sys.executable, "-W", "ignore", "-c", script], cwd=ROOT, check=True, timeout=30)
