"""The comparison of the packages' files with their lists, which ``tox run -e lint`` makes."""

import pytest

from tests import check_packages
from tests.check_packages import (
    DIST_INFO,
    PACKAGE,
    SDIST,
    sdist_problems,
    source,
    tag_problems,
    version,
    wheel_problems,
)

FOLDERS = {PACKAGE, "benchmarks", "docs", "example_project", "tests"}


@pytest.fixture
def wheel():
    return source(PACKAGE) | {f"{PACKAGE}-{version()}.dist-info/{name}" for name in DIST_INFO}


@pytest.fixture
def sdist():
    files = set().union(*map(source, FOLDERS)) | (SDIST - FOLDERS - {".github"}) | {".github/workflows/tests.yml"}
    return {f"{PACKAGE}-{version()}/{name}" for name in files}


def test_packages_of_the_source_are_right(wheel, sdist):
    assert wheel_problems(wheel) == []
    assert sdist_problems(sdist) == []


@pytest.mark.parametrize(
    "name",
    [
        f"{PACKAGE}/py.typed",
        f"{PACKAGE}/locale/de/LC_MESSAGES/django.mo",
        f"{PACKAGE}/templates/django_ding/login/base.html",
        f"{PACKAGE}/migrations/0001_initial.py",
    ],
)
def test_file_that_the_wheel_lacks_is_named(wheel, name):
    assert f"the wheel lacks {name}" in wheel_problems(wheel - {name})


def test_files_too_many_in_the_wheel_are_named(wheel):
    problems = wheel_problems(wheel | {"tests/__init__.py", f"{PACKAGE}/notes.txt"})
    assert "the wheel has tests/__init__.py, which is not in the list" in problems
    assert f"the wheel has {PACKAGE}/notes.txt, for which there is no pattern" in problems


def test_kind_of_file_that_the_source_has_lost_is_named(wheel, monkeypatch):
    without = {name for name in source(PACKAGE) if not name.endswith(".mo")}
    monkeypatch.setattr(check_packages, "source", lambda folder: without)
    (problem,) = wheel_problems({name for name in wheel if not name.endswith(".mo")})
    assert problem.startswith("the wheel has nothing like ")


def test_what_the_sdist_lacks_or_has_too_many_is_named(sdist):
    prefix = f"{PACKAGE}-{version()}/"
    changed = sdist - {f"{prefix}tox.ini", f"{prefix}tests/settings.py"} | {f"{prefix}.env"}
    assert sorted(sdist_problems(changed)) == [
        "the sdist lacks tests/settings.py",
        "the sdist's root has .env, which is not in the list",
        "the sdist's root lacks tox.ini",
    ]


def test_tag_of_another_version_is_named():
    assert f"the tag is v99.0 and the version is {version()}" in tag_problems("v99.0")


@pytest.mark.parametrize(("heading", "is_right"), [("{} (2027-01-31)", True), ("{}", False), ("Unreleased", False)])
def test_changelog_names_the_version_and_its_day(tmp_path, monkeypatch, heading, is_right):
    own = version()
    (tmp_path / "CHANGELOG.md").write_text(f"# Changelog\n\n## {heading.format(own)}\n")
    monkeypatch.setattr(check_packages, "version", lambda: own)
    monkeypatch.setattr(check_packages, "ROOT", tmp_path)
    assert (tag_problems(f"v{own}") == []) is is_right
