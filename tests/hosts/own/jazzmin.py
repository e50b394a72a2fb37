from tests.hosts.themes import *  # noqa: F403
