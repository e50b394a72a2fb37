"""A signed-in user's numbers."""

import pytest
from django.http import Http404
from django.test import Client

from django_ding.login.views.numbers import found_or_404
from django_ding.models import Authentication, PhoneNumber
from django_ding.services import make_primary, remove
from django_ding.testing import script
from tests.login.walk import ADD, NUMBER_CODE, NUMBERS, followed, wrong

pytestmark = pytest.mark.django_db

RESEND = f"{NUMBER_CODE}resend/"
NEW = "+447400123456"


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
    return list(user.phone_numbers.values_list("phone_number", "is_primary"))


def test_add_happy_path(member, account, phone, outbox):
    assert member.post(ADD, {"phone_number": NEW}).url == NUMBER_CODE
    assert member.get(NUMBER_CODE).context["shown_number"] == NEW
    answer = member.post(NUMBER_CODE, {"code": outbox[-1].code})
    assert answer.url == NUMBERS
    assert "Your number is verified." in followed(member, answer)
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


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("no number", "This is not a phone number."),
        ("+12025550113", "Use a mobile number."),
        ("+12025550116", "at the moment"),
    ],
)
def test_add_refused(member, typed, sentence):
    answer = member.post(ADD, {"phone_number": typed})
    assert sentence in answer.context["form"].errors["phone_number"][0]
    assert 'aria-invalid="true"' in answer.text


def test_add_with_a_bug_of_the_account_says_no_more_than_later(member):
    script("send", "negative_balance")
    answer = member.post(ADD, {"phone_number": NEW})
    assert answer.context["form"].errors["phone_number"] == [
        "Codes can't be sent or checked at the moment. Try again in a while."
    ]


def test_code_wrong(waiting, outbox, account):
    assert "This is not the code." in followed(waiting, waiting.post(NUMBER_CODE, {"code": wrong(outbox[-1].code)}))
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
    other_user.phone_numbers.create(phone_number=NEW)
    answer = waiting.post(NUMBER_CODE, {"code": outbox[-1].code})
    assert answer.url == ADD
    assert "this number belongs to another account." in followed(waiting, answer)
    assert waiting.get(NUMBER_CODE).url == ADD


def test_session_of_somebody_else_is_another_flow(waiting, bob, outbox):
    waiting.force_login(bob)
    assert waiting.post(NUMBER_CODE, {"code": outbox[-1].code}).url == ADD
    assert not PhoneNumber.objects.filter(phone_number=NEW).exists()


def test_resend_after_the_cooldown(clock, client, account, outbox):
    client.force_login(account)
    client.post(ADD, {"phone_number": NEW})
    assert "Try again in 30 seconds." in followed(client, client.post(RESEND))
    clock.shift(30)
    assert "Another code is on its way." in followed(client, client.post(RESEND))
    assert len(outbox) == 2


# Change


@pytest.fixture
def change(account) -> str:
    return f"{NUMBERS}{account.phone_numbers.get(is_primary=True).pk}/change/"


def test_change_happy_path(member, change, account, phone, outbox):
    member.post(change, {"phone_number": NEW})
    assert numbers(account) == [(phone, True)]
    assert member.get(NUMBER_CODE).context["restart_url"] == change
    member.post(NUMBER_CODE, {"code": wrong(outbox[-1].code)})
    assert numbers(account) == [(phone, True)]
    assert member.post(NUMBER_CODE, {"code": outbox[-1].code}).url == NUMBERS
    assert numbers(account) == [(NEW, True)]


def test_change_to_the_same_number_keeps_it(member, change, account, phone, outbox):
    member.post(change, {"phone_number": phone})
    member.post(NUMBER_CODE, {"code": outbox[-1].code})
    assert numbers(account) == [(phone, True)]


def test_change_of_a_number_removed_half_way_adds(member, change, account, outbox):
    member.post(change, {"phone_number": NEW})
    account.phone_numbers.all().delete()
    member.post(NUMBER_CODE, {"code": outbox[-1].code})
    assert numbers(account) == [(NEW, True)]


def test_change_to_a_number_that_is_taken_keeps_the_old_one(member, change, account, other_user, phone, outbox):
    other_user.phone_numbers.create(phone_number=NEW)
    member.post(change, {"phone_number": NEW})
    assert member.post(NUMBER_CODE, {"code": outbox[-1].code}).url == change
    assert numbers(account) == [(phone, True)]


# Make primary, remove


def test_make_primary(member, account, phone):
    second = account.phone_numbers.create(phone_number=NEW)
    url = f"{NUMBERS}{second.pk}/make-primary/"
    assert member.get(url).url == NUMBERS
    assert numbers(account) == [(phone, True), (NEW, False)]
    assert "This is your primary number now." in followed(member, member.post(url))
    assert numbers(account) == [(NEW, True), (phone, False)]


def test_remove(member, account, phone):
    second = account.phone_numbers.create(phone_number=NEW)
    url = f"{NUMBERS}{second.pk}/remove/"
    assert member.get(url).context["number"] == second
    assert len(numbers(account)) == 2
    assert "The number is removed." in followed(member, member.post(url))
    assert numbers(account) == [(phone, True)]


def test_number_removed_at_this_moment(member, account):
    number = account.phone_numbers.get()
    remove(number)
    with pytest.raises(Http404), found_or_404():
        make_primary(number)


def test_list(member, account, other_user):
    other_user.phone_numbers.create(phone_number=NEW)
    assert list(member.get(NUMBERS).context["numbers"]) == list(account.phone_numbers.all())


@pytest.mark.parametrize("action", ["change", "make-primary", "remove"])
def test_numbers_of_somebody_else(member, bob, action):
    url = f"{NUMBERS}{bob.phone_numbers.get().pk}/{action}/"
    assert member.post(url, {"phone_number": NEW}).status_code == 404
    assert bob.phone_numbers.exists()
    assert not Authentication.objects.exists()


@pytest.mark.parametrize("path", ["", "add/", "code/", "code/resend/", "1/change/", "1/make-primary/", "1/remove/"])
def test_pages_are_for_members(client, db, path, outbox):
    for answer in (client.get(NUMBERS + path), client.post(NUMBERS + path, {"phone_number": NEW})):
        assert answer.status_code == 302
        assert answer.url.startswith("/password/?next=/phone/numbers/") or answer.status_code == 405
    assert len(outbox) == 0
