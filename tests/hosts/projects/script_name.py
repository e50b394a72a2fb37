"""Is mounted below ``/shop`` by its server."""

from tests.hosts.base import *  # noqa: F403
from tests.hosts.base import MIDDLEWARE, WALK

FORCE_SCRIPT_NAME = "/shop"
MIDDLEWARE = ["tests.hosts.mounting.strip_script_name", *MIDDLEWARE]
LOGIN_URL = "/shop/accounts/login/"
LOGIN_REDIRECT_URL = "/shop/"
WALK = {name: f"/shop{place}" if str(place).startswith("/") else place for name, place in WALK.items()}
