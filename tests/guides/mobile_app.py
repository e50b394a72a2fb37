"""The code of the guide to a mobile app, and the project that its readers make."""

from pathlib import Path

from tests.guides.pages import File, projects
from tests.guides.test_guides import Project

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "mobile-app.md"


def files(*suffixes: str) -> dict[str, str]:
    """Return the snippets of the page by the names of their files, those with a suffix."""
    (steps,) = projects(PAGE)
    return {step.path: step.text for step in steps if isinstance(step, File) and Path(step.path).suffix in suffixes}


def make_project(folder: Path, *, cooldown: int) -> Project:
    """Make the project of the guide in a folder.

    :param cooldown: seconds between two messages, for which a test can wait.
    """
    folder.mkdir(exist_ok=True)
    project = Project(folder)
    project.begin()
    project.type("python manage.py startapp accounts")
    for path, text in files(".py").items():
        project.add(File(path, text))
    quick = f'DING |= {{"RETRY_COOLDOWN": {cooldown}, "RATE_LIMITS": {{"send": "1/{cooldown}s/phone"}}}}\n'
    project.add(File("mysite/settings.py", quick))
    project.type("python manage.py migrate --verbosity 0")
    return project
