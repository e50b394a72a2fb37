from uuid import UUID

import pytest

from django_ding.models import PhoneNumber

pytestmark = pytest.mark.django_db

URL = "/api/phone/phone-numbers/"


@pytest.fixture
def numbers(user):
    return [PhoneNumber.objects.create(user=user, phone_number=f"+1202555010{n}", is_primary=n == 1) for n in range(2)]


@pytest.fixture
def theirs(other_user):
    return PhoneNumber.objects.create(user=other_user, phone_number="+12025550109", is_primary=True)


def test_list_shows_ones_own_the_primary_first(clock, member, numbers, theirs):
    response = member.get(URL)
    assert response.status_code == 200
    assert [(row["id"], row["phone_number"], row["is_primary"]) for row in response.json()] == [
        (str(numbers[1].public_id), "+12025550101", True),
        (str(numbers[0].public_id), "+12025550100", False),
    ]
    assert response.json()[0]["verified_at"].endswith("Z")
    assert response["Cache-Control"] == "no-store"


def test_delete_releases_the_number(member, numbers):
    assert member.delete(f"{URL}{numbers[0].public_id}/").status_code == 204
    assert list(PhoneNumber.objects.all()) == [numbers[1]]


def test_make_primary_answers_the_number(member, numbers):
    response = member.post(f"{URL}{numbers[0].public_id}/make-primary/")
    assert (response.status_code, response.json()["is_primary"]) == (200, True)
    assert PhoneNumber.objects.get(is_primary=True) == numbers[0]


@pytest.mark.parametrize("public_id", [UUID(int=1), "0", "x", "-1", "9" * 19, "9" * 5000, "١", "1.5", "%00"])
def test_unknown_does_not_exist(member, numbers, public_id):
    for response in (member.delete(f"{URL}{public_id}/"), member.post(f"{URL}{public_id}/make-primary/")):
        assert (response.status_code, response.json()["code"]) == (404, "not_found")


def test_another_users_is_not_found(member, theirs):
    assert member.delete(f"{URL}{theirs.public_id}/").status_code == 404
    assert member.post(f"{URL}{theirs.public_id}/make-primary/").status_code == 404
    assert PhoneNumber.objects.count() == 1


@pytest.mark.parametrize(
    ("method", "path"), [("get", ""), ("delete", f"{UUID(int=1)}/"), ("post", f"{UUID(int=1)}/make-primary/")]
)
def test_anonymous_has_none(client, method, path):
    response = getattr(client, method)(URL + path)
    assert response.status_code in (401, 403)
    assert response.json()["code"] == "not_authenticated"
