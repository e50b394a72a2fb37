"""What the workflows of CI and of a release promise. ``tox run -e lint`` compares them with their schema."""

import re
from configparser import ConfigParser

import pytest
import yaml

from tests.helpers import ROOT

FOLDER = ROOT / ".github" / "workflows"
NAMES = ["docs.yml", "release.yml", "tests.yml"]
#: What a job may be allowed besides reading: publishing the site, signing and publishing packages, making a release.
ALLOWED = {
    ("docs.yml", "publish"): {"pages", "id-token"},
    ("release.yml", "build"): {"attestations", "id-token"},
    ("release.yml", "publish"): {"id-token"},
    ("release.yml", "announce"): {"contents"},
}


def workflow(name):
    return yaml.safe_load((FOLDER / name).read_text())


def environments():
    config = ConfigParser(interpolation=None)
    config.read(ROOT / "tox.ini")
    return config["tox"]["env_list"].split()


def test_workflows_are_all_here():
    assert sorted(path.name for path in FOLDER.iterdir()) == NAMES


def test_ci_runs_every_environment_on_its_python():
    rows = workflow("tests.yml")["jobs"]["tox"]["strategy"]["matrix"]["include"]
    # The summary is of use where something may be missing; vulnerabilities appear without a change here.
    assert sorted(row["env"] for row in rows) == sorted({*environments(), "audit"} - {"missing"})
    for row in rows:
        if version := re.match(r"py(\d)(\d+)-", row["env"]):
            assert row["python"] == "{}.{}".format(*version.groups())


@pytest.mark.parametrize("name", NAMES)
def test_jobs_may_only_read_but_for_what_they_publish(name):
    found = workflow(name)
    assert found["permissions"] == {"contents": "read"}
    for job, steps in found["jobs"].items():
        writes = {what for what, how in steps.get("permissions", {}).items() if how == "write"}
        assert writes == ALLOWED.get((name, job), set())
        assert steps["timeout-minutes"] <= 30


@pytest.mark.parametrize("name", NAMES)
def test_actions_are_pinned_and_get_no_credentials(name):
    steps = [step for job in workflow(name)["jobs"].values() for step in job["steps"]]
    used = [step for step in steps if "uses" in step]
    assert used
    for step in used:
        action, _, version = step["uses"].partition("@")
        assert re.fullmatch(r"v\d+|release/v\d+|[0-9a-f]{40}", version), step["uses"]
        if action == "actions/checkout":
            assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("name", NAMES)
def test_nothing_that_strangers_write_becomes_a_command(name):
    commands = [step["run"] for job in workflow(name)["jobs"].values() for step in job["steps"] if "run" in step]
    for expression in re.findall(r"\$\{\{(.*?)\}\}", "\n".join(commands)):
        assert expression.strip().startswith("matrix."), expression


def test_release_compares_the_tag_before_it_publishes():
    jobs = workflow("release.yml")["jobs"]
    assert workflow("release.yml")[True] == {"push": {"tags": ["v*"]}}  # YAML takes the key "on" for true.
    assert any('check_packages dist --tag "$GITHUB_REF_NAME"' in step.get("run", "") for step in jobs["build"]["steps"])
    assert (jobs["publish"]["needs"], jobs["announce"]["needs"]) == ("build", "publish")
