#!/usr/bin/env python
"""Django's command line for the example."""

import os
import sys
from collections.abc import Sequence

from django.core.management import execute_from_command_line
from example.sandbox import serve_own_sandbox


def main() -> None:
    os.environ.setdefault("DEBUG", "1")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "example.settings")
    if serves(sys.argv[1:]):
        serve_own_sandbox()
    execute_from_command_line(sys.argv)


def serves(arguments: Sequence[str]) -> bool:
    """Return whether this process is going to serve requests."""
    command, *options = arguments or [""]
    # An auto-reloading server has a parent process that only watches files.
    reloads = "--noreload" not in options and os.environ.get("RUN_MAIN") != "true"
    return command == "demo" or (command == "runserver" and not reloads)


if __name__ == "__main__":
    main()
