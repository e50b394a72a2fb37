"""Compare the files of wheel and sdist with the lists here: ``python -m tests.check_packages dist [--tag v1.0]``.

With a tag, compare that with the version and the changelog, too. It runs without Django.
"""

import argparse
import re
import sys
import tarfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = "django_ding"
#: What the wheel consists of. Each pattern has files, and each file a pattern. The texts of the catalogues (.po) are
#: there for projects that change them.
WHEEL = [
    r"(\w+/)*\w+\.py",
    r"py\.typed",
    r"jinja2/django_ding/(\w+/)+\w+\.html",
    r"locale/[a-z]{2}/LC_MESSAGES/django\.mo",
    r"locale/[a-z]{2}/LC_MESSAGES/django\.po",
    r"sandbox/assets/\w+\.(css|js|svg)",
    r"static/django_ding/\w+\.(css|js|svg)",
    r"templates/(admin/)?django_ding/(\w+/)*\w+\.html",
    r"templates/django_ding/sms/\w+\.txt",
]
DIST_INFO = {"METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE"}
#: What the sdist has at its root, so that tox runs all but the git hooks from it.
SDIST = {
    ".editorconfig",
    ".github",
    ".gitignore",
    ".pre-commit-config.yaml",
    "CHANGELOG.md",
    "CODE_OF_CONDUCT.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "PKG-INFO",
    "README.md",
    "SECURITY.md",
    "benchmarks",
    "django_ding",
    "docs",
    "example_project",
    "pyproject.toml",
    "tests",
    "tox.ini",
}


def source(folder: str) -> set[str]:
    """Return the paths below a folder of the source, without what running it leaves there."""
    paths = (path for path in (ROOT / folder).rglob("*") if path.is_file())
    return {path.relative_to(ROOT).as_posix() for path in paths if "__pycache__" not in path.parts}


def version() -> str:
    text = (ROOT / PACKAGE / "__init__.py").read_text()
    return re.search(r'^__version__ = "(.+)"$', text, re.MULTILINE)[1]


def wheel_problems(names: Iterable[str]) -> list[str]:
    """Return what is wrong with the names of the files in a wheel."""
    info = f"{PACKAGE}-{version()}.dist-info/"
    own = {name for name in names if not name.startswith(info)}
    problems = _differences("the wheel", own, source(PACKAGE))
    problems += _differences("the wheel's dist-info", {n.removeprefix(info) for n in set(names) - own}, DIST_INFO)
    patterns = [re.compile(f"{PACKAGE}/{pattern}") for pattern in WHEEL]
    problems += [f"the wheel has {name}, for which there is no pattern" for name in own if not _fits(name, patterns)]
    unused = [pattern for pattern in patterns if not any(map(pattern.fullmatch, own))]
    return problems + [f"the wheel has nothing like {pattern.pattern}" for pattern in unused]


def sdist_problems(names: Iterable[str]) -> list[str]:
    """Return what is wrong with the names of the files in an sdist."""
    prefix = f"{PACKAGE}-{version()}/"
    problems = [f"the sdist has {name} outside of its folder" for name in names if not name.startswith(prefix)]
    own = {name.removeprefix(prefix) for name in names}
    problems += _differences("the sdist's root", {name.partition("/")[0] for name in own}, SDIST)
    for folder in (PACKAGE, "tests", "docs", "example_project"):
        inside = {name for name in own if name.startswith(f"{folder}/")}
        problems += [f"the sdist lacks {name}" for name in source(folder) - inside if not _is_ignored(name)]
    return problems


def tag_problems(tag: str) -> list[str]:
    """Return what is wrong with the tag of a release."""
    problems = [] if tag == f"v{version()}" else [f"the tag is {tag} and the version is {version()}"]
    heading = re.compile(rf"^## {re.escape(version())} \(\d{{4}}-\d\d-\d\d\)$", re.MULTILINE)
    if not heading.search((ROOT / "CHANGELOG.md").read_text()):
        problems.append(f"CHANGELOG.md has no heading like '## {version()} (2027-01-31)'")
    return problems


def _differences(where: str, found: set[str], expected: set[str]) -> list[str]:
    lacks = [f"{where} lacks {name}" for name in expected - found if not _is_ignored(name)]
    return lacks + [f"{where} has {name}, which is not in the list" for name in found - expected]


def _is_ignored(name: str) -> bool:
    """Return whether git, and the build with it, ignores the file."""
    return (
        name.endswith((".sqlite3", ".pyc"))
        or {".mypy_cache", ".pytest_cache", ".ruff_cache"} & set(name.split("/")) != set()
    )


def _fits(name: str, patterns: list[re.Pattern[str]]) -> bool:
    return any(pattern.fullmatch(name) for pattern in patterns)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tag")
    options = parser.parse_args(arguments)
    (wheel,) = options.folder.glob("*.whl")
    (sdist,) = options.folder.glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as files, tarfile.open(sdist) as archive:
        problems = wheel_problems(files.namelist())
        problems += sdist_problems([member.name for member in archive.getmembers() if member.isfile()])
    problems += tag_problems(options.tag) if options.tag else []
    print("\n".join(sorted(problems)) or f"{wheel.name} and {sdist.name} have what they should, and nothing else.")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
