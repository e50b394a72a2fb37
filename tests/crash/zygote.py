"""The process whose children are killed. It has everything loaded, and forks a child for each job.

A child does one job and, if it has a fatal point, ends itself there by SIGKILL. The package is left as it is: the
points are statements that pass the database connection, the request that passes ``http.client``, and the signals that
are sent after the commit.

The jobs come as lines of JSON; for each there are two answers, the child's pid and how it ended.
"""

import json
import os
import re
import signal
import sys
from importlib import import_module

WRITE = re.compile(r"(INSERT INTO|UPDATE) [\"`]?django_ding_(authentication|event)\b")
#: PostgreSQL's way to do two writes in one statement.
TWO_IN_ONE = "WITH changed AS (UPDATE"


def main():
    prepare(json.loads(os.environ["CRASH_WORLD"]))
    for line in sys.stdin:
        reading, writing = os.pipe()
        pid = os.fork()
        if not pid:
            live(json.loads(line), writing)
        os.close(writing)
        say(pid)
        _, status = os.waitpid(pid, 0)
        with os.fdopen(reading) as result:
            say({"signal": status & 0x7F, "result": result.read()})


def say(answer):
    print(json.dumps(answer), flush=True)  # noqa: T201


def prepare(world):
    """Set up the tests' own settings, with the database and the provider of the test that is running."""
    import django
    from django.conf import settings

    settings.DATABASES = {"default": world["database"]}
    settings.DING = world["ding"]
    django.setup()
    for module in ("django_ding.services", "django_ding.backends.ding", "encodings.idna"):
        import_module(module)
    import_module("django_ding.phone").parse("+12025550100", None)


def live(job, writing):
    """Do the job and leave, or die at its fatal point. Never returns."""
    from django.db import connection

    result = "never began"
    try:
        points = Points(job.get("fatal"))
        with connection.execute_wrapper(points):
            result = JOBS[job["do"]](job)
    except BaseException as error:  # noqa: BLE001 - a forked child must not go on in its parent's loop
        result = f"{type(error).__name__}: {error}"
    finally:
        os.write(writing, str(result).encode())
        os._exit(0)


class Points:
    """Where a child may die: before or after its n-th write, before its first request, once the signal is sent."""

    def __init__(self, fatal):
        self.fatal = fatal
        self.writes = 0
        if fatal == ["signal"]:
            self.listen()
        if fatal == ["call"]:
            sys.addaudithook(lambda event, arguments: event == "http.client.send" and die())

    def listen(self):
        from django_ding import signals

        for sent in (signals.code_sent, signals.code_checked, signals.send_failed):
            sent.connect(lambda **kwargs: die(), weak=False)

    def __call__(self, execute, sql, params, many, context):
        if sql.startswith(TWO_IN_ONE):
            return self.write_both(execute, sql, params, many, context)
        if not WRITE.match(sql):
            return execute(sql, params, many, context)
        self.writes += 1
        self.reach("before")
        result = execute(sql, params, many, context)
        self.reach("after")
        return result

    def write_both(self, execute, sql, params, many, context):
        """Die before the first write or, in a transaction that is never committed, after either of them."""
        self.writes += 1
        self.reach("before")
        if self.fatal in (["after", self.writes], ["after", self.writes + 1]):
            if not context["connection"].in_atomic_block:
                context["connection"].set_autocommit(False)
            execute(sql, params, many, context)
            die()
        self.writes += 1
        return execute(sql, params, many, context)

    def reach(self, side):
        if self.fatal == [side, self.writes]:
            die()


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def send(job):
    from django.contrib.auth import get_user_model

    from django_ding import services

    return services.send(job["phone_number"], user=get_user_model().objects.get(pk=job["user"])).authentication.status


def check(job):
    from django_ding import models, services

    return services.check(models.Authentication.objects.get(pk=job["pk"]), job["code"]).status


def retry(job):
    from django_ding import models, services

    return services.retry(models.Authentication.objects.get(pk=job["pk"])).status


def reconcile(job):
    from dataclasses import asdict

    from django_ding import services

    return json.dumps(asdict(services.reconcile(batch=job.get("batch", 500))))


JOBS = {"send": send, "check": check, "retry": retry, "reconcile": reconcile}

if __name__ == "__main__":
    main()
