import argparse
import os
import sys

import django
from django.db import connection
from django.test.utils import setup_test_environment

from tests.openapi import COMMAND, FILE


def main() -> int:
    parser = argparse.ArgumentParser(prog=COMMAND, description="Write docs/openapi.yaml.")
    parser.add_argument("--check", action="store_true", help="fail if the file differs, and don't write it")
    arguments = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from tests.openapi.document import build, render  # It needs the settings.

    setup_test_environment()
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        text = render(build()[0])
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)
    if not arguments.check:
        FILE.write_text(text)
        return 0
    if FILE.is_file() and FILE.read_text() == text:
        return 0
    sys.stderr.write(f"{FILE.name} is not up to date. Run: {COMMAND}\n")
    return 1


sys.exit(main())
