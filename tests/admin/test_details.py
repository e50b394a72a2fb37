"""The details on the page of a verification."""

import pytest

from django_ding.admin.details import authentication_details, carrier_name, language_name
from django_ding.models import Event
from tests.admin.helpers import LIST, sent


def details_of(row):
    return dict(authentication_details(row, list(Event.objects.filter(authentication=row))))


@pytest.mark.parametrize(
    ("from_provider", "marked"),
    [([], ["Expires", "Messages left"]), (["expires_at"], ["Messages left"]), (["expires_at", "remaining_retry"], [])],
)
def test_what_follows_from_the_settings_is_marked(make, clock, from_provider, marked):
    row = make((0, {"type": "authentication", "status": "pending", "data": {"from_provider": from_provider}}))
    row.remaining_retry = 3
    labels = list(details_of(row))
    assert [label.removesuffix(" (set by this site)") for label in labels if "this site" in label] == marked
    clock.shift(601)
    labels = list(details_of(row))
    assert not [label for label in labels if "this site" in label]


def test_how_the_message_was_sent(make):
    row = make(
        (1, sent(data={"sender_id": "ACME", "carrier": {"name": "Orange", "network": "20801"}})),
        (2, sent(attempt_number=2)),
        backend_state={"request": {"locale": "fr-CA", "template_id": "t1", "sender_id": "Asked"}},
    )
    found = details_of(row)
    assert [found[label] for label in ("Language", "Template", "Sender", "Carrier")] == [
        "Canadian French (fr-CA)" if "Canadian" in found["Language"] else "French (fr-CA)",
        "t1",
        "ACME",
        "Orange 208-01 (France)",
    ]


def test_what_nobody_knows_of_the_message_is_left_out(make):
    assert not {"Language", "Template", "Sender", "Carrier"} & set(details_of(make((1, sent()))))


@pytest.mark.parametrize(("locale", "name"), [("de", "German (de)"), ("xx-YY", "xx-YY"), ("", "")])
def test_language_name(locale, name):
    assert language_name(locale) == name


@pytest.mark.parametrize(
    ("carrier", "name"),
    [
        ({"name": "Orange", "network": "20801"}, "Orange 208-01 (France)"),
        ({"network": "20801"}, "208-01 (France)"),
        ({"name": "Bouygues", "network": "20820"}, "Bouygues"),
        ({"name": "Orange"}, "Orange"),
        ("Orange", ""),
        (None, ""),
    ],
)
def test_carrier_name(settings, carrier, name):
    settings.DING = {**settings.DING, "CARRIER_NAMES": {"20820": "Bouygues"}}
    assert carrier_name(carrier) == name


def test_carrier_whose_events_are_gone(make):
    assert details_of(make(carrier="20801"))["Carrier"] == "208-01 (France)"


def test_times_are_exact(make, settings):
    settings.TIME_ZONE = "Europe/Paris"
    found = details_of(make())
    assert found["Requested at"].endswith("\u00a0CEST")
    assert found["Requested at"].count(":") == 2


def test_identifiers_have_a_button(desk, make):
    row = make(authentication_uuid="0a-1b", error_code="timeout", status="failed", device_signals={"device_id": "<d>"})
    page = desk.get(f"{LIST}{row.pk}/change/").text
    for value in (str(row.public_id), "0a-1b", "timeout", "&lt;d&gt;"):
        assert f'<code class="ding-id">{value}</code> <button type="button" class="ding-copy" hidden' in page
    assert "django_ding/copy.js" in page
