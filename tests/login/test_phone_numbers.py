"""A signed-in user's numbers."""

import re
from uuid import UUID

import pytest
from django.test import Client
from django.urls import NoReverseMatch

from django_ding import services
from django_ding.login.views import PhoneNumberAddView, PhoneNumberMakePrimaryView
from django_ding.models import Authentication, PhoneNumber
from django_ding.phone import spaced
from django_ding.testing import sandbox, script
from tests.login.helpers import ADD, NUMBER_CODE, NUMBERS, followed, wrong

pytestmark = pytest.mark.django_db

RESEND = f"{NUMBER_CODE}resend/"
NEW = "+447400123456"
ACTIONS = ["change", "make-primary", "remove"]


@pytest.fixture
def member(client, account) -> Client:
    """Alice's browser, signed in."""
    client.force_login(account)
    return client


@pytest.fixture
def waiting(member) -> Client:
    """Alice's browser after she gave a second number."""
    member.post(ADD, {"phone_number": NEW})
    return member


def numbers(user):
    return list(user.ding_phone_numbers.values_list("phone_number", "is_primary"))


def test_add_happy_path(member, account, phone, outbox):
    assert member.post(ADD, {"phone_number": NEW}).url == NUMBER_CODE
    assert member.get(NUMBER_CODE).context["shown_number"] == NEW
    answer = member.post(NUMBER_CODE, {"code": outbox[-1].code})
    assert answer.url == NUMBERS
    assert "Phone number verified." in followed(member, answer)
    assert numbers(account) == [(phone, True), (NEW, False)]


def test_add_belongs_to_the_user(waiting, account):
    row = Authentication.objects.get()
    assert (row.user, row.purpose) == (account, "link")


def test_add_leads_on(member, outbox):
    member.post(f"{ADD}?next=/desk/alice/", {"phone_number": NEW})
    assert member.post(NUMBER_CODE, {"code": outbox[-1].code}).url == "/desk/alice/"


@pytest.mark.parametrize("evil", ["//evil.example", "https://evil.example", "javascript:alert(1)"])
def test_next_of_another_host_is_ignored(member, outbox, evil):
    member.post(ADD, {"phone_number": NEW, "next": evil})
    assert member.post(NUMBER_CODE, {"code": outbox[-1].code}).url == NUMBERS


def test_add_shows_next_in_the_form(member):
    assert member.get(f"{ADD}?next=/desk/").context["next"] == "/desk/"
    assert member.get(f"{ADD}?next=//evil.example").context["next"] == ""


def test_add_double_post_sends_once(waiting, outbox):
    waiting.post(ADD, {"phone_number": NEW})
    assert len(outbox) == 1


def test_add_sends_nothing_when_looked_at(waiting, outbox):
    for url in (NUMBERS, ADD, NUMBER_CODE, RESEND):
        waiting.get(url)
    assert len(outbox) == 1


def test_add_sends_nothing_where_the_next_page_is_unknown(member, outbox, monkeypatch):
    monkeypatch.setattr(PhoneNumberAddView, "code_url", "no-such-page")
    with pytest.raises(NoReverseMatch):
        member.post(ADD, {"phone_number": NEW})
    assert len(outbox) == 0


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [("no number", "This isn't a phone number."), ("+12025550113", "Use a mobile number.")],
)
def test_add_refused(member, typed, sentence):
    answer = member.post(ADD, {"phone_number": typed})
    assert sentence in answer.context["form"].errors["phone_number"][0]
    assert 'aria-invalid="true"' in answer.text


def test_add_while_the_provider_is_down_blames_no_field(member):
    answer = member.post(ADD, {"phone_number": "+12025550116"})
    assert "temporarily unavailable" in answer.context["form"].non_field_errors()[0]
    assert "aria-invalid" not in answer.text
    assert 'value="+12025550116"' in answer.text


def test_add_with_a_bug_of_the_account_says_no_more_than_later(member):
    script("send", "negative_balance")
    answer = member.post(ADD, {"phone_number": NEW})
    assert answer.context["form"].non_field_errors() == [
        "Verification is temporarily unavailable. Try again in a few minutes."
    ]


def test_code_wrong(waiting, outbox, account):
    assert "Incorrect code." in followed(waiting, waiting.post(NUMBER_CODE, {"code": wrong(outbox[-1].code)}))
    assert len(numbers(account)) == 1


def test_code_posted_twice(waiting, outbox, account):
    answers = [waiting.post(NUMBER_CODE, {"code": outbox[-1].code}) for _ in range(2)]
    assert [answer.url for answer in answers] == [NUMBERS, NUMBERS]
    assert len(numbers(account)) == 2


def test_code_proves_the_number_it_was_sent_to(waiting, outbox, account):
    """In two tabs, the code of the former number does not prove the later one."""
    waiting.post(ADD, {"phone_number": "+33698765432"})
    waiting.post(NUMBER_CODE, {"code": outbox.to(NEW)[-1].code})
    assert len(numbers(account)) == 1


def test_code_of_a_number_that_is_taken(waiting, other_user, outbox, account):
    other_user.ding_phone_numbers.create(phone_number=NEW)
    answer = waiting.post(NUMBER_CODE, {"code": outbox[-1].code})
    assert answer.url == ADD
    text = followed(waiting, answer)
    assert "This number is already linked to another account." in text
    assert f'value="{spaced(NEW)}"' in text
    assert waiting.get(NUMBER_CODE).url == ADD


def test_session_of_somebody_else_is_another_flow(waiting, bob, outbox):
    waiting.force_login(bob)
    assert waiting.post(NUMBER_CODE, {"code": outbox[-1].code}).url == ADD
    assert not PhoneNumber.objects.filter(phone_number=NEW).exists()


def test_resend_after_the_cooldown(clock, client, account, outbox):
    client.force_login(account)
    client.post(ADD, {"phone_number": NEW})
    assert "You can request another code in 30 seconds." in client.post(RESEND).text
    clock.shift(30)
    assert "We sent another code." in followed(client, client.post(RESEND))
    assert len(outbox) == 2


# Change


@pytest.fixture
def change(account) -> str:
    return f"{NUMBERS}{account.ding_phone_numbers.get(is_primary=True).public_id}/change/"


def test_change_happy_path(member, change, account, phone, outbox):
    member.post(change, {"phone_number": NEW})
    assert numbers(account) == [(phone, True)]
    assert member.get(NUMBER_CODE).context["restart_url"] == change
    member.post(NUMBER_CODE, {"code": wrong(outbox[-1].code)})
    assert numbers(account) == [(phone, True)]
    assert member.post(NUMBER_CODE, {"code": outbox[-1].code}).url == NUMBERS
    assert numbers(account) == [(NEW, True)]


def test_change_names_the_number_and_starts_in_its_country(member, account):
    number = account.ding_phone_numbers.create(phone_number="+447400123456")
    text = member.get(f"{NUMBERS}{number.public_id}/change/").text
    assert f'<bdi class="ding-number" dir="ltr">{spaced(NEW)}</bdi>' in text
    assert member.get(ADD).context["form"].fields["phone_number"].widget.region == "FR"
    assert chosen_country(text) == "GB"
    assert member.get(ADD).context["form"].fields["phone_number"].label == "Phone number"
    assert re.search(r"<label[^>]*>New phone number</label>", text)


def test_change_starts_in_the_usual_country_where_no_codes_go_to_the_number_s(member, account):
    number = account.ding_phone_numbers.create(phone_number="+447400123456")
    with sandbox(BLOCKED_COUNTRIES=["GB"]):
        assert chosen_country(member.get(f"{NUMBERS}{number.public_id}/change/").text) == "FR"


def chosen_country(text):
    [option] = re.findall(r"<option[^>]* selected>", text)
    return re.search(r'value="(\w*)"', option)[1]


def test_pages_lead_back(member, change, account, outbox):
    back = '<a href="{}">Back</a>'.format
    assert back(NUMBERS) in member.get(change).text
    assert back(NUMBERS) in member.get(ADD).text
    assert back(NUMBERS) in member.get(f"{ADD}?next=https://evil.example/").text
    assert back("/account/") in member.get(f"{ADD}?next=/account/").text
    member.post(f"{ADD}?next=/account/", {"phone_number": NEW})
    assert back("/account/") in member.get(NUMBER_CODE).text


def test_change_to_the_same_number_keeps_it(member, change, account, phone, outbox):
    member.post(change, {"phone_number": phone})
    member.post(NUMBER_CODE, {"code": outbox[-1].code})
    assert numbers(account) == [(phone, True)]


def test_change_of_a_number_removed_half_way_adds(member, change, account, outbox):
    member.post(change, {"phone_number": NEW})
    account.ding_phone_numbers.all().delete()
    member.post(NUMBER_CODE, {"code": outbox[-1].code})
    assert numbers(account) == [(NEW, True)]


def test_change_to_a_number_that_is_taken_keeps_the_old_one(member, change, account, other_user, phone, outbox):
    other_user.ding_phone_numbers.create(phone_number=NEW)
    member.post(change, {"phone_number": NEW})
    assert member.post(NUMBER_CODE, {"code": outbox[-1].code}).url == change
    assert numbers(account) == [(phone, True)]


# Make primary, remove


def test_make_primary(member, account, phone):
    second = account.ding_phone_numbers.create(phone_number=NEW)
    url = f"{NUMBERS}{second.public_id}/make-primary/"
    assert member.get(url).context["number"] == second
    assert numbers(account) == [(phone, True), (NEW, False)]
    assert "Primary number changed." in followed(member, member.post(url))
    assert numbers(account) == [(NEW, True), (phone, False)]


def test_remove(member, account, phone):
    second = account.ding_phone_numbers.create(phone_number=NEW)
    url = f"{NUMBERS}{second.public_id}/remove/"
    assert member.get(url).context["number"] == second
    assert len(numbers(account)) == 2
    assert "Number removed." in followed(member, member.post(url))
    assert numbers(account) == [(phone, True)]


def test_remove_takes_a_form_only(member, account):
    url = f"{NUMBERS}{account.ding_phone_numbers.get().public_id}/remove/"
    assert member.delete(url).status_code == 405
    assert account.ding_phone_numbers.exists()


def test_make_primary_of_a_number_removed_at_this_moment(member, account, monkeypatch):
    number = account.ding_phone_numbers.create(phone_number=NEW)
    url = f"{NUMBERS}{number.public_id}/make-primary/"
    monkeypatch.setattr(PhoneNumberMakePrimaryView, "get_object", lambda self: number)
    PhoneNumber.objects.filter(pk=number.pk).delete()
    assert member.post(url).status_code == 404


def test_change_to_a_number_removed_at_this_moment(member, change, account, phone, outbox, monkeypatch):
    """The old number stays where the new one, verified a moment ago, has been removed from the account."""
    checked = services.check

    def check_and_lose(*args, **kwargs):
        result = checked(*args, **kwargs)
        account.ding_phone_numbers.filter(phone_number=NEW).delete()
        return result

    monkeypatch.setattr(services, "check", check_and_lose)
    member.post(change, {"phone_number": NEW})
    assert member.post(NUMBER_CODE, {"code": outbox[-1].code}).status_code == 404
    assert numbers(account) == [(phone, True)]


def test_list(member, account, other_user):
    other_user.ding_phone_numbers.create(phone_number=NEW)
    assert list(member.get(NUMBERS).context["numbers"]) == list(account.ding_phone_numbers.all())


@pytest.mark.parametrize("action", ACTIONS)
def test_numbers_of_somebody_else(member, bob, action):
    url = f"{NUMBERS}{bob.ding_phone_numbers.get().public_id}/{action}/"
    assert member.post(url, {"phone_number": NEW}).status_code == 404
    assert bob.ding_phone_numbers.exists()
    assert not Authentication.objects.exists()


@pytest.mark.parametrize(
    "path",
    ["", "add/", "code/", "code/resend/", *(f"{UUID(int=1)}/{action}/" for action in ACTIONS)],
)
def test_pages_are_for_members(client, db, path, outbox):
    for answer in (client.get(NUMBERS + path), client.post(NUMBERS + path, {"phone_number": NEW})):
        assert answer.status_code == 302
        assert answer.url.startswith("/password/?next=/phone/numbers/") or answer.status_code == 405
    assert len(outbox) == 0
