"""Actions: who may perform them, what they report, and what the history keeps."""

import re
from urllib.parse import quote_plus

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client

from django_ding.admin import capabilities
from django_ding.models import Block, Event, LostPhoneNumber, PhoneNumber
from django_ding.services import send
from django_ding.testing import script
from tests.admin.helpers import BLOCKS, LIST, LOST_NUMBERS, NUMBERS, permit, shown


@pytest.fixture
def number(user, phone):
    return PhoneNumber.objects.create(user=user, phone_number=phone, is_primary=True)


@pytest.fixture
def row(clock, db, user, phone):
    sent = send(phone, user=user).authentication
    clock.shift(20)
    return sent


def messages(answer):
    assert answer.status_code == 302, answer.text
    found = [(message.level_tag, message.message) for message in get_messages(answer.wsgi_request)]
    return [(level, re.sub("[\u2066\u2069]", "", text)) for level, text in found]


def test_refresh_status(desk, agent, row):
    permit(agent, "refresh_authentication")
    page = desk.get(f"{LIST}{row.pk}/change/").text
    assert f'href="{LIST}refresh/?pk={row.pk}&amp;next=' in page
    answer = desk.post(f"{LIST}refresh/", {"pk": row.pk, "next": f"{LIST}{row.pk}/change/"})
    assert answer.url == f"{LIST}{row.pk}/change/"
    message = "Status refreshed. Delivery of the latest message: delivered."
    assert messages(answer) == [("success", f"+33*******78: {message}")]
    assert Event.objects.filter(type="delivery_status").exists()
    [entry] = LogEntry.objects.all()
    assert (entry.user, entry.object_repr, entry.change_message) == (
        agent,
        "+33*******78",
        f"Refresh status: {message}",
    )
    assert "Refresh status" in desk.get(f"{LIST}{row.pk}/history/").text


def test_action_is_confirmed_first(desk, agent, row):
    permit(agent, "refresh_authentication")
    page = desk.get(f"{LIST}refresh/", {"pk": row.pk}).text
    assert "Nothing is sent." in page
    assert f'name="pk" value="{row.pk}"' in page
    assert not LogEntry.objects.exists()


def test_list_leads_to_the_same_confirmation(desk, agent, make):
    permit(agent, "refresh_authentication")
    rows = [make(), make()]
    chosen = {"action": "refresh", "_selected_action": [row.pk for row in rows], "index": "0"}
    answer = desk.post(f"{LIST}?status=pending", chosen)
    back = quote_plus(f"{LIST}?status=pending")
    assert answer.url == f"{LIST}refresh/?pk={rows[1].pk}&pk={rows[0].pk}&next={back}"
    assert "Applies to:" in desk.get(answer.url).text


@pytest.mark.parametrize(("permission", "text"), [(None, "+33*******78"), ("view_full_phone", "+33 6 12 34 56 78")])
def test_confirmation_names_the_number_as_its_page_does(desk, agent, row, number, permission, text):
    permit(agent, "refresh_authentication", "view_phonenumber", "revoke_phonenumber", *filter(None, [permission]))
    for url, pk in ((f"{LIST}refresh/", row.pk), (f"{NUMBERS}revoke/", number.pk)):
        assert f">\u2066{text}\u2069</a></li>" in desk.get(url, {"pk": pk}).text.replace("\xa0", " ")


def test_row_without_the_providers_id(desk, agent, make):
    permit(agent, "refresh_authentication")
    answer = desk.post(f"{LIST}refresh/", {"pk": make().pk})
    assert messages(answer) == [("success", "+33*******78: Not refreshed: the provider never returned an ID for it.")]


@pytest.mark.parametrize(("name", "word"), [("onboarded", "as genuine"), ("not-onboarded", "as not onboarded")])
def test_feedback(desk, agent, row, name, word):
    permit(agent, "send_feedback")
    assert "This can&#x27;t be undone." in desk.get(f"{LIST}{name}/", {"pk": row.pk}).text
    [(level, message)] = messages(desk.post(f"{LIST}{name}/", {"pk": row.pk}))
    assert (level, word in message) == ("success", True)
    level, message = messages(desk.post(f"{LIST}{name}/", {"pk": row.pk}))[-1]
    assert (level, message) == (
        "error",
        "+33*******78: Failed: the provider already has this feedback (duplicated_feedback_status).",
    )
    assert LogEntry.objects.count() == 2


def test_feedback_that_the_provider_has_is_not_offered_again(desk, agent, row, make):
    permit(agent, "send_feedback")
    later = make(status="pending")
    assert offered(desk, row) == offered(desk, later) == ["onboarded", "not-onboarded"]
    desk.post(f"{LIST}onboarded/", {"pk": row.pk})
    assert offered(desk, row) == offered(desk, later) == ["not-onboarded"]
    assert "Reported as genuine." in desk.get(f"{LIST}{row.pk}/change/").text
    other = make(phone_number="+33612345679", status="pending")
    assert offered(desk, other) == ["onboarded", "not-onboarded"]


def test_feedback_is_looked_for_in_the_newest_verifications(desk, agent, row, make, clock, monkeypatch):
    """A number may have thousands, and each one's timeline would be read."""
    monkeypatch.setattr(capabilities, "_MAX_VERIFICATIONS", 2)
    permit(agent, "send_feedback")
    desk.post(f"{LIST}onboarded/", {"pk": row.pk})
    for expected in (["not-onboarded"], ["onboarded", "not-onboarded"]):
        clock.shift(60)
        make(status="pending")
        assert offered(desk, row) == expected


def test_outage_ends_the_action(desk, agent, row, make):
    permit(agent, "send_feedback")
    script("feedback", "dropped_before")
    [first, second] = messages(
        desk.post(f"{LIST}onboarded/", {"pk": [row.pk, make(phone_number="+33612345679").pk, make().pk]})
    )
    assert (first[0], second) == ("error", ("warning", "2 more were skipped."))
    assert "Failed: connection to the provider lost" in first[1]


def test_revocation_stays_in_the_history_of_the_user(desk, agent, number):
    permit(agent, "revoke_phonenumber")
    page = f"{NUMBERS}{number.pk}/change/"
    assert desk.post(f"{NUMBERS}revoke/", {"pk": number.pk, "next": page}).url == NUMBERS  # The page is gone.
    entry = LogEntry.objects.get(content_type__model="user")
    assert (entry.user, entry.object_id) == (agent, str(number.user_id))
    assert "+33*******78\u2069: Number revoked." in entry.change_message


def test_backend_that_is_gone(desk, agent, make):
    permit(agent, "refresh_authentication")
    row = make(backend="gone", authentication_uuid="u")
    [(level, message)] = messages(desk.post(f"{LIST}refresh/", {"pk": row.pk}))
    assert (level, "the backend is missing from the settings" in message) == ("error", True)


def offered(desk, row):
    page = desk.get(f"{LIST}{row.pk}/change/").text
    return [name for name in ("refresh", "onboarded", "not-onboarded") if f"{LIST}{name}/?pk={row.pk}" in page]


PRELUDE = "django_ding.backends.prelude.PreludeBackend"


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({}, []),
        ({"supports_status": True}, ["refresh"]),
        ({"supports_feedback": True}, ["onboarded"]),
    ],
)
def test_actions_that_the_backend_has(desk, agent, make, settings, options, names):
    permit(agent, "refresh_authentication", "send_feedback")
    row = make(authentication_uuid="vrf_1")
    settings.DING = {"BACKENDS": {"default": {"BACKEND": PRELUDE, "OPTIONS": {"api_key": "key", **options}}}}
    assert offered(desk, row) == names
    listed = desk.get(LIST).text
    assert 'value="not-onboarded"' not in listed
    assert ('value="onboarded"' in listed) is ("onboarded" in names)
    assert desk.get(f"{LIST}not-onboarded/", {"pk": row.pk}).status_code == 403


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({"authentication_uuid": "u"}, ["refresh", "onboarded", "not-onboarded"]),
        ({}, ["onboarded", "not-onboarded"]),
        ({"status": "failed", "error_code": "timeout"}, []),
        ({"status": "spam_detected", "authentication_uuid": "u"}, ["refresh"]),
        ({"backend": "gone", "authentication_uuid": "u"}, []),
        ({"backend": "test-numbers", "authentication_uuid": "u"}, []),
    ],
)
def test_actions_that_a_row_allows(desk, agent, make, fields, names):
    permit(agent, "refresh_authentication", "send_feedback")
    assert offered(desk, make(**fields)) == names


def test_what_cannot_be_undone_is_red(desk, agent, row):
    permit(agent, "refresh_authentication", "send_feedback")
    page = desk.get(f"{LIST}{row.pk}/change/").text
    assert page.index("Refresh status") < page.index("Report as genuine")
    assert page.count('class="ding-irreversible"') == 2
    assert "ding-danger" in desk.get(f"{LIST}onboarded/", {"pk": row.pk}).text
    assert "ding-danger" not in desk.get(f"{LIST}refresh/", {"pk": row.pk}).text


def test_revoke(desk, agent, number, phone):
    permit(agent, "revoke_phonenumber")
    assert f"{NUMBERS}revoke/?pk={number.pk}" in desk.get(f"{NUMBERS}{number.pk}/change/").text
    assert "This can&#x27;t be undone" in desk.get(f"{NUMBERS}revoke/", {"pk": number.pk}).text
    answer = desk.post(f"{NUMBERS}revoke/", {"pk": number.pk})
    assert messages(answer) == [("success", "+33*******78: Number revoked. It is no longer linked to an account.")]
    assert not PhoneNumber.objects.exists()
    assert LogEntry.objects.filter(object_id=str(number.pk), content_type__model="phonenumber").count() == 1
    assert messages(desk.post(f"{NUMBERS}revoke/", {"pk": number.pk}))[-1] == ("warning", "Nothing to do.")


def test_lift_lost_number(desk, agent, user, number, other_user):
    permit(agent, "lift_lostphonenumber")
    LostPhoneNumber.objects.create(user=user, reason="removed")  # Who has a number again.
    lost = LostPhoneNumber.objects.create(user=other_user, reason="taken_over")
    assert shown(desk.get(LOST_NUMBERS)) == [lost.pk]
    page = desk.get(f"{LOST_NUMBERS}{lost.pk}/change/")
    assert f"{LOST_NUMBERS}lift/?pk={lost.pk}" in page.text
    assert str(page.context["original"]) == "\u2066bob\u2069"
    [(level, message)] = messages(desk.post(f"{LOST_NUMBERS}lift/", {"pk": lost.pk}))
    assert (level, message) == ("success", "bob: The user can log in again as one who never had a number.")
    assert LostPhoneNumber.objects.get().user == user
    assert LogEntry.objects.get(content_type__model="lostphonenumber").object_repr == str(other_user.pk)


def test_lift(desk, agent, block):
    permit(agent, "lift_block")
    assert messages(desk.post(f"{BLOCKS}lift/", {"pk": block.pk}))[0][0] == "success"
    assert Block.objects.get().lifted_at
    assert "lifted" in desk.get(BLOCKS).text
    assert "lift/" not in desk.get(f"{BLOCKS}{block.pk}/change/").text
    assert "was no longer active" in messages(desk.post(f"{BLOCKS}lift/", {"pk": block.pk}))[-1][1]


def test_block_is_named_in_the_language_of_the_page(desk, agent, block, multilingual):
    permit(agent, "lift_block")
    french = {"headers": {"accept-language": "fr"}}
    named = "préfixe \u2066+3361234\u2069"
    assert f'/change/">{named}</a>' in desk.get(f"{BLOCKS}lift/", {"pk": block.pk}, **french).text
    assert desk.get(f"{BLOCKS}{block.pk}/change/", **french).text.count(named) >= 2
    assert messages(desk.post(f"{BLOCKS}lift/", {"pk": block.pk}, **french))[0][1].startswith("préfixe +3361234")


def test_themes_find_a_row_or_a_text_to_name_the_page_by(desk, agent, row):
    permit(agent, "refresh_authentication")
    original = desk.get(f"{LIST}{row.pk}/change/").context["original"]
    assert (str(original), original._meta.model_name) == ("\u2066+33*******78\u2069", "authentication")
    assert isinstance(desk.get(f"{LIST}refresh/", {"pk": row.pk}).context["original"], str)


ACTIONS = [
    (LIST, "refresh", "refresh_authentication"),
    (LIST, "onboarded", "send_feedback"),
    (LIST, "not-onboarded", "send_feedback"),
    (NUMBERS, "revoke", "revoke_phonenumber"),
    (BLOCKS, "lift", "lift_block"),
]


@pytest.mark.parametrize(("url", "name", "codename"), ACTIONS)
def test_without_the_permission(desk, agent, row, number, block, url, name, codename):
    keys = {LIST: row.pk, NUMBERS: number.pk, BLOCKS: block.pk}
    others = {other for *_, other in ACTIONS} - {codename}
    permit(agent, *others)
    for ask in (desk.get, desk.post):
        assert ask(f"{url}{name}/", {"pk": keys[url]}).status_code == 403
    assert f'value="{name}"' not in desk.get(url).text
    assert f"{name}/?pk=" not in desk.get(f"{url}{keys[url]}/change/").text
    agent.user_permissions.clear()
    permit(agent, codename)  # To do it, one has to see it.
    assert desk.post(f"{url}{name}/", {"pk": keys[url]}).status_code == 403


@pytest.mark.parametrize(("url", "name", "codename"), ACTIONS)
def test_needs_the_token_of_the_form(agent, row, number, block, url, name, codename):
    permit(agent, codename)
    client = Client(enforce_csrf_checks=True)
    client.force_login(agent)
    assert client.post(f"{url}{name}/", {"pk": [row.pk, number.pk, block.pk]}).status_code == 403
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("url", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_leads_nowhere_else(desk, agent, row, url):
    permit(agent, "refresh_authentication")
    assert desk.post(f"{LIST}refresh/", {"pk": row.pk, "next": url}).url == LIST
    assert url not in desk.get(f"{LIST}refresh/", {"pk": row.pk, "next": url}).text or not url


@pytest.mark.parametrize("keys", [[], ["0"], ["x"], ["9" * 40]])
def test_nothing_is_chosen(desk, agent, db, keys):
    permit(agent, "refresh_authentication")
    assert messages(desk.post(f"{LIST}refresh/", {"pk": keys})) == [("warning", "Nothing to do.")]


@pytest.mark.django_db(transaction=True)
def test_works_where_requests_are_transactions(monkeypatch, desk, agent, row):
    permit(agent, "refresh_authentication")
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    assert messages(desk.post(f"{LIST}refresh/", {"pk": row.pk}))[0][0] == "success"
