"""Each guide with a test is followed in a project of its own, which then passes its checks and the guide's test."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.processes import environment
from tests.guides.pages import Command, File, guides, projects, tutorial, unnamed

pytestmark = pytest.mark.hosts

PAGES = guides()
#: What a reader answers to createsuperuser.
SUPERUSER = {
    "DJANGO_SUPERUSER_USERNAME": "admin",
    "DJANGO_SUPERUSER_EMAIL": "admin@example.com",
    "DJANGO_SUPERUSER_PASSWORD": "secret",
}
#: In one process, since to start one takes longer than the checks.
CHECKS = """
import os
import django
from django.core.management import call_command
os.environ["DJANGO_SETTINGS_MODULE"] = "mysite.settings"
django.setup()
call_command("check", fail_level="WARNING")
call_command("makemigrations", check_changes=True, dry_run=True)
"""


class Project:
    """A project in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self.environment = environment(folder, PATH=path, PYTHONWARNINGS="error", **SUPERUSER)

    def begin(self) -> None:
        """Do what the first page of the tutorial does."""
        self.type("python -m django startproject mysite .")
        for file in tutorial():
            self.add(file)
        self.type("python manage.py migrate --verbosity 0")

    def follow(self, steps: list[File | Command]) -> str:
        """Do the steps, and return what the commands printed."""
        printed = ""
        for step in steps:
            if isinstance(step, File):
                self.add(step)
            elif step.typed.startswith("export "):
                # For what is typed later, too.
                self.environment |= dict(word.split("=", 1) for word in shlex.split(step.typed)[1:])
            else:
                printed += self.type(step.typed.replace("createsuperuser", "createsuperuser --noinput"))
        return printed

    def add(self, file: File) -> None:
        path = self.folder / file.path
        # Not that of an app, which needs __init__.py: startapp makes it.
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w" if file.is_whole else "a") as opened:
            opened.write(f"\n{file.text}" if opened.tell() else file.text)

    def type(self, command: str) -> str:
        run = subprocess.run(
            ["bash", "-c", command],  # noqa: S607
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        output = run.stdout + run.stderr
        assert run.returncode == 0, f"{command}\n{output}"
        return output


@pytest.fixture(scope="session")
def beginning(tmp_path_factory) -> Path:
    """The folder of the tutorial's project, with its database."""
    folder = tmp_path_factory.mktemp("beginning")
    Project(folder).begin()
    return folder


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_guide_leads_to_a_project_whose_test_passes(page, beginning, tmp_path):
    for number, steps in enumerate(projects(page)):
        project = Project(Path(shutil.copytree(beginning, tmp_path / str(number))))
        printed = project.follow(steps)
        project.type(f"python -c {shlex.quote(CHECKS)}")
        if not re.search(r"^Ran ", printed, re.MULTILINE):
            printed = project.type("python manage.py test")
        assert re.search(r"^Ran [1-9]\d* tests? in ", printed, re.MULTILINE), printed


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_snippet_of_a_guide_names_its_file(page):
    assert unnamed(page) == []
