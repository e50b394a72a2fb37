"""The command line: ``python -m django_ding.sandbox`` and, inside a project, ``manage.py ding_sandbox``."""

import argparse
import errno
import sys
from collections.abc import Callable, Sequence
from dataclasses import Field, fields
from functools import partial
from typing import Any, Protocol

from django.conf import settings

from django_ding.loopback import is_loopback

from .options import Options
from .server import SandboxServer
from .simulator import Simulator

_WARNING = "Warning: {host} is not a loopback address. Anyone who can connect to it can read every code."
_CURL = """\
  curl {url}/v2/verification \\
    -H 'Authorization: Bearer {api_key}' -H 'content-type: application/json' \\
    -d '{{"target": {{"type": "phone_number", "value": "+12025550100"}}}}'"""


class Output(Protocol):
    """A stream to write to: ``sys.stdout``, or the output of a management command."""

    def write(self, text: str, /) -> object: ...
    def flush(self) -> object: ...


class CannotStartError(Exception):
    """The server cannot be started; the message says what to do."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until Ctrl-C, without a project: Django's defaults are all that the pages need."""
    if not settings.configured:
        # Before anything reads a setting, which would import the project that DJANGO_SETTINGS_MODULE may name.
        settings.configure()
    parser = argparse.ArgumentParser(
        prog="python -m django_ding.sandbox",
        description="Serve a local copy of the provider, with an inbox that shows the codes.",
    )
    add_arguments(parser, Options())
    try:
        run(vars(parser.parse_args(arguments)))
    except CannotStartError as error:
        parser.exit(2, f"ding sandbox: {error}\n")


def add_arguments(parser: argparse.ArgumentParser, defaults: Options) -> None:
    """Add the address to listen on and one flag per option."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8010, help="0 picks a free one (default: %(default)s)")
    parser.add_argument("--allow-host", action="append", default=[], metavar="NAME", help="another host name to accept")
    group = parser.add_argument_group("behaviour", "Durations are in seconds.")
    for option in fields(defaults):
        _add_option(group, option, getattr(defaults, option.name))


def run(values: dict[str, Any], *, out: Output | None = None, err: Output | None = None) -> None:
    """Serve with the values of parsed arguments until Ctrl-C.

    :raises CannotStartError: when the options are not valid or the address cannot be listened on.
    """
    out, err = out or sys.stdout, err or sys.stderr
    server = _open(values, log=partial(_write_line, err))
    print(_start_message(server), file=out, flush=True)
    if not is_loopback(values["host"]):
        print(_WARNING.format(host=values["host"]), file=err, flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        print("\nStopped.", file=out, flush=True)
    finally:
        server.stop()
        server.simulator.close()


def _write_line(output: Output, line: str) -> None:
    # One write, so that the lines of two threads do not mix.
    output.write(f"{line}\n")
    output.flush()


def _add_option(group: Any, option: "Field[Any]", default: Any) -> None:
    flag = f"--{option.name.replace('_', '-')}"
    parse: Callable[[str], Any] = option.metadata["parse"]
    action: dict[str, Any] = {"action": argparse.BooleanOptionalAction} if parse is bool else {"type": parse}
    text = option.metadata["help"]
    if default is not None:
        text = f"{text} (default: {','.join(default) if isinstance(default, tuple) else default})"
    group.add_argument(flag, default=default, help=text, **action)


def _open(values: dict[str, Any], *, log: Callable[[str], None]) -> SandboxServer:
    host, port = values["host"], values["port"]
    try:
        options = Options(**{option.name: values[option.name] for option in fields(Options)})
        return SandboxServer(Simulator(options), host=host, port=port, allowed_hosts=values["allow_host"], log=log)
    except ValueError as error:
        raise CannotStartError(str(error)) from error
    # A port above 65535 overflows.
    except (OSError, OverflowError) as error:
        raise CannotStartError(listening_error(error, host, port)) from error


def listening_error(error: Exception, host: str, port: int) -> str:
    """Return what is wrong with an address, and what to do about it."""
    number = getattr(error, "errno", None)
    if number == errno.EADDRINUSE:
        return f"port {port} of {host} is in use. Stop the program that uses it, or choose another port with --port."
    if number == errno.EACCES:
        return f"port {port} requires more privileges. Choose a port above 1023 with --port."
    return f"cannot listen on {host}, port {port}: {error}"


def _start_message(server: SandboxServer) -> str:
    options = server.simulator.options
    return "\n".join(
        (
            f"Inbox          {server.url}/",
            f"API v2         {server.url}/v2",
            f"API v1         {server.url}/v1",
            f"API key        {'as configured' if options.api_key else 'any'}",
            f"Customer UUID  {options.customer_uuid or 'any'} (v1)",
            f"Webhooks       {_signing(server)}",
            "",
            "Send a code:",
            _CURL.format(url=server.url, api_key="YOUR_API_KEY" if options.api_key else "test"),
            "",
            "Press Ctrl-C to stop.",
        )
    )


def _signing(server: SandboxServer) -> str:
    """Return how the receiver of version 2's webhooks verifies them."""
    if not server.simulator.options.sign_webhooks:
        return "not signed (--no-sign-webhooks)"
    key = server.simulator.public_key
    if key is None:
        return 'not signed. To sign those of v2, run: pip install "django-ding[prelude]"'
    return f"those of v2 are signed. The public key, also at {server.url}/webhook-key.pem:\n\n{key.rstrip()}"
