import json

import pytest

from django_ding.models import PhoneNumber
from tests.commands.programs import Result

pytestmark = pytest.mark.django_db


@pytest.fixture
def write(tmp_path):
    """Write a file, and return its path."""

    def write(text, *, encoding="utf-8"):
        path = tmp_path / "numbers.csv"
        path.write_bytes(text.encode(encoding))
        return str(path)

    return write


def test_file_is_imported_once(command, write, user, other_user):
    path = write(f"user,phone_number\n{user.pk},06 12 34 56 78\n{other_user.pk},+447400123456\n")
    assert command("ding_import_numbers", path, "--dry-run") == Result(0, "Would import 2 numbers; 0 unchanged.\n", "")
    assert command("ding_import_numbers", path) == Result(0, "Imported 2 numbers; 0 unchanged.\n", "")
    assert command("ding_import_numbers", path) == Result(0, "Imported 0 numbers; 2 unchanged.\n", "")
    assert PhoneNumber.objects.filter(is_primary=True).count() == 2


def test_problems_are_listed_with_their_lines(command, write, user, other_user):
    path = write(
        'user,phone_number,note\nalice,"06 12 34 56 78","two\nlines"\nbob,0612345678,\nbob,hello,\ncarol,0612345679,\n'
    )
    ended = command("ding_import_numbers", path, "--user-field", "username")
    assert ended.code == 1
    assert ended.out.splitlines() == [
        "line 4: +33*******78: this number is already linked to an account (duplicate)",
        "line 5: this is not a phone number (not_a_number)",
        "line 6: +33*******79: no user has this key (unknown_user)",
        "Imported 1 number; 0 unchanged; left out 3 numbers.",
    ]


def test_json_is_for_programs(command, write, user):
    path = write(f"user,phone_number\n{user.pk},0612345678\n{user.pk},06\n")
    assert json.loads(command("ding_import_numbers", path, "--json").out) == {
        "imported": 1,
        "unchanged": 0,
        "problems": [{"source": "line 3", "phone_number": "", "reason": "too_short"}],
        "dry_run": False,
        "interrupted": False,
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("delimiter", ",;\t")
def test_files_of_spreadsheets_are_read(command, write, user, encoding, delimiter):
    head = delimiter.join(("verified_at", "user", "phone_number"))
    row = delimiter.join(("2024-05-01T12:00:00Z", str(user.pk), "0612345678"))
    assert command("ding_import_numbers", write(f"{head}\r\n{row}\r\n", encoding=encoding)).code == 0
    assert PhoneNumber.objects.get().verified_at.isoformat() == "2024-05-01T12:00:00+00:00"


def test_field_of_the_user_model_is_imported(command, user, other_user):
    user.first_name, other_user.first_name = "06 12 34 56 78", "Bob"
    user.save()
    other_user.save()
    ended = command("ding_import_numbers", "--field", "first_name", "--verified-at", "2024-05-01")
    assert ended.code == 1
    assert ended.out.splitlines() == [
        f"user {other_user.pk}: this is not a phone number (not_a_number)",
        "Imported 1 number; 0 unchanged; left out 1 number.",
    ]
    number = PhoneNumber.objects.get()
    assert (number.user, number.phone_number, number.is_primary) == (user, "+33612345678", True)
    assert number.verified_at.date().isoformat() == "2024-05-01"


def test_region_is_that_of_national_numbers(command, write, user):
    command("ding_import_numbers", write(f"user,phone_number\n{user.pk},(202) 555-0100"), "--region", "US")
    assert PhoneNumber.objects.get().phone_number == "+12025550100"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n", "The first line of the file names no column user and no column phone_number."),
        ("", "The first line of the file names no column user and no column phone_number."),
        ("user,phone_number\n\udcff", "The file is no CSV in UTF-8."),
    ],
)
def test_unusable_file_is_refused(command, tmp_path, text, message):
    path = tmp_path / "numbers.csv"
    path.write_bytes(text.encode(errors="surrogateescape"))
    assert command("ding_import_numbers", str(path)) == Result(2, "", f"{message} (usage)")


def test_missing_file_is_refused(command, tmp_path):
    ended = command("ding_import_numbers", str(tmp_path / "numbers.csv"))
    assert (ended.code, ended.err) == (2, "The file can't be read: No such file or directory. (usage)")


@pytest.mark.parametrize("options", [("--field", "phone"), ("--field", "email", "--user-field", "phone")])
def test_unknown_field_is_refused(command, options):
    ended = command("ding_import_numbers", *options)
    assert (ended.code, ended.err) == (2, "The user model has no field 'phone'. (usage)")


def test_either_a_file_or_a_field(command):
    assert command("ding_import_numbers").code != 0
    assert command("ding_import_numbers", "numbers.csv", "--field", "email").code != 0
