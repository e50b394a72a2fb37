"""Includes this app's URLs under instance namespaces of its own, the pages twice, below an argument the second time."""

from tests.hosts.base import *  # noqa: F403

ROOT_URLCONF = "tests.hosts.projects.instance_namespace_urls"
