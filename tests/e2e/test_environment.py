"""The environment variables of the example."""

import json
import subprocess

import pytest

from tests.e2e.processes import TIMEOUT, environment, manage

REDIS = "redis://127.0.0.1:6379/1"


@pytest.fixture
def database():
    from example.environment import database

    return database


def test_database_sqlite(database):
    assert database("sqlite:///some/file%20name")["NAME"] == "some/file name"
    assert database("sqlite:////var/file")["NAME"] == "/var/file"
    assert database("sqlite://")["NAME"] == ":memory:"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_database_postgresql(database, scheme):
    assert database(f"{scheme}://us%40er:p%2Fw@db.example:5433/na%20me?sslmode=require&prepare_threshold=5") == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "na me",
        "USER": "us@er",
        "PASSWORD": "p/w",
        "HOST": "db.example",
        "PORT": 5433,
        "OPTIONS": {"sslmode": "require", "prepare_threshold": 5},
    }


def test_database_unix_socket(database):
    found = database("postgresql://user@/name?host=/run/postgresql&port=5433")
    assert (found["HOST"], found["PORT"], found["OPTIONS"]) == ("/run/postgresql", "5433", {})


def test_database_mysql(database):
    found = database("mysql://root@127.0.0.1/ding")
    assert (found["ENGINE"], found["PORT"]) == ("django.db.backends.mysql", "")


def test_database_unknown(database):
    with pytest.raises(ValueError, match="DATABASE_URL must begin with"):
        database("oracle://host/name")


def settings_with(tmp_path, **env: str) -> dict:
    script = (
        "import json; from django.conf import settings as s;print(json.dumps([s.DEBUG, s.INBOX_URL, s.CACHES, s.DING]))"
    )
    command = manage("shell", "--no-imports", "--command", script)
    ran = subprocess.run(command, env=environment(tmp_path, **env), check=True, capture_output=True, timeout=TIMEOUT)
    return dict(zip(("debug", "inbox", "caches", "ding"), json.loads(ran.stdout), strict=True))


@pytest.mark.slow
def test_settings_default(tmp_path):
    found = settings_with(tmp_path)
    options = found["ding"]["BACKENDS"]["default"]["OPTIONS"]
    assert (found["debug"], found["inbox"]) == (True, "/sandbox/")
    assert options["base_url"] == "http://127.0.0.1:8000/sandbox"
    assert found["ding"]["SANDBOX"] == {"enabled": True}
    assert found["ding"]["WEBHOOK_BASE_URL"] == "http://127.0.0.1:8000"


@pytest.mark.slow
def test_settings_from_environment(tmp_path):
    found = settings_with(
        tmp_path,
        DEBUG="off",
        SECRET_KEY="key",
        PRELUDE_API_KEY="key",
        PRELUDE_BASE_URL="http://127.0.0.1:8010/v2",
        REDIS_URL=REDIS,
    )
    backend = found["ding"]["BACKENDS"]["default"]
    assert backend["BACKEND"] == "django_ding.backends.prelude.PreludeBackend"
    assert (backend["OPTIONS"]["api_key"], backend["OPTIONS"]["base_url"]) == ("key", "http://127.0.0.1:8010/v2")
    assert found["ding"]["SANDBOX"] == {"api_key": "key", "enabled": False}
    assert (found["debug"], found["inbox"]) == (False, "http://127.0.0.1:8010/")
    assert found["caches"]["default"]["LOCATION"] == REDIS


@pytest.mark.slow
def test_settings_for_version_1_from_environment(tmp_path):
    uuid = "0e1b2c3d-4e5f-4a6b-8c7d-8e9fa0b1c2d3"
    found = settings_with(
        tmp_path,
        DING_API_KEY="key",
        DING_CUSTOMER_UUID=uuid,
        DING_BASE_URL="http://127.0.0.1:8010/v1",
        DING_WEBHOOK_BASE_URL="http://127.0.0.1:8020",
    )
    assert found["ding"]["WEBHOOK_BASE_URL"] == "http://127.0.0.1:8020"
    options = found["ding"]["BACKENDS"]["default"]["OPTIONS"]
    assert options == {"api_key": "key", "customer_uuid": uuid, "base_url": "http://127.0.0.1:8010/v1"}
    assert found["inbox"] == "http://127.0.0.1:8010/"


@pytest.mark.slow
def test_settings_real_provider_has_no_inbox_and_no_callbacks(tmp_path):
    found = settings_with(tmp_path, PRELUDE_BASE_URL="https://api.prelude.dev")
    assert (found["inbox"], found["ding"]["WEBHOOK_BASE_URL"]) == ("", None)


def test_settings_sms_gateway(tmp_path):
    gateway = "django_ding.backends.sms.ConsoleGateway"
    found = settings_with(tmp_path, DING_SMS_GATEWAY=gateway, DING_BASE_URL="http://127.0.0.1:8010/v1")
    backend = found["ding"]["BACKENDS"]["default"]
    assert (backend["BACKEND"], backend["OPTIONS"]["gateway"]) == ("django_ding.backends.sms.SMSBackend", gateway)
    assert (found["inbox"], found["ding"]["WEBHOOK_BASE_URL"]) == ("", None)
