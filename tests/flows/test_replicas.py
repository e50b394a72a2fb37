"""What the services read is what was just written, also where the project's router sends reads to a replica."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connections

from django_ding import services
from django_ding.models import Authentication, PhoneNumber
from django_ding.services import check, send

pytestmark = pytest.mark.django_db


class Router:
    """Sends reads of this app to a replica."""

    def db_for_read(self, model, **hints):
        return "replica" if model._meta.app_label == "django_ding" else "default"

    def db_for_write(self, model, **hints):
        return "default"


@pytest.fixture(autouse=True)
def _replica(monkeypatch, settings):
    """A replica that lags so far behind that any query to it fails."""
    dummy = {"default": {"ENGINE": "django.db.backends.dummy"}}
    monkeypatch.setitem(connections.settings, "replica", connections.configure_settings(dummy)["default"])
    settings.DATABASE_ROUTERS = [Router()]
    yield connections["replica"]
    del connections["replica"]


@pytest.fixture
def proven(user, phone, outbox):
    authentication = send(phone, user=user).authentication
    check(authentication, outbox[-1].code)
    return authentication


def test_replica_is_used_by_the_usual_manager():
    with pytest.raises(ImproperlyConfigured):
        Authentication.objects.exists()


@pytest.mark.parametrize("service", ["export_data", "erase_data"])
def test_services_of_one_person(proven, user, phone, service):
    assert getattr(services, service)(user=user, phone_number=phone)


def test_services_of_a_number(proven, user):
    number = PhoneNumber.objects.using("default").create(user=user, phone_number="+12025550100")
    assert services.make_primary(number).is_primary
    assert services.replace_number(services.primary_number(user), PhoneNumber.write_db.exclude(pk=number.pk).get())
    assert services.has_verified_number(user)


@pytest.mark.parametrize(
    ("service", "arguments"),
    [
        ("purge", {"older_than": 0}),
        ("purge", {"older_than": 0, "dry_run": True}),
        ("report_onboarded", {"since": 60}),
        ("report_onboarded", {"since": 60, "dry_run": True}),
        ("reconcile", {}),
        ("reconcile", {"dry_run": True}),
        ("roll_up", {}),
        ("roll_up", {"dry_run": True}),
    ],
)
def test_upkeep(proven, service, arguments):
    getattr(services, service)(**arguments)


@pytest.mark.parametrize("options", [[], ["--refresh"]])
def test_status(proven, options, capsys):
    call_command("ding_status", str(proven.public_id), *options)
    assert "check" in capsys.readouterr().out
