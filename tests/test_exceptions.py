import copy
import pickle

import pytest
from django.utils import translation

from django_ding.codes import CODES, is_user_fault
from django_ding.exceptions import (
    BackendRejected,
    BackendUnavailable,
    Blocked,
    DingError,
    InputError,
    InvalidCode,
    InvalidPhoneNumber,
    InvalidProof,
    PhoneNumberTaken,
    RateLimited,
    UnsupportedOperation,
)
from django_ding.phone import Reason

ERRORS = [
    DingError(),
    InputError(),
    InputError.from_code("invalid_line"),
    InvalidPhoneNumber(Reason.TOO_SHORT),
    InvalidCode(),
    PhoneNumberTaken(),
    RateLimited(scope="phone", retry_after=25.0),
    Blocked(),
    InvalidProof(),
    BackendRejected("The account is suspended.", code="suspended_account"),
    BackendUnavailable(code="timeout", retry_after=12.5, reached=True, may_have_executed=False),
    UnsupportedOperation("The backend takes no feedback."),
]
INPUT_CODES = [code for code in CODES if is_user_fault(code)]
every_error = pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)


@pytest.mark.parametrize(
    ("error_class", "code"),
    [
        (DingError, "error"),
        (InputError, "invalid_input"),
        (InvalidCode, "invalid_code"),
        (PhoneNumberTaken, "phone_number_taken"),
        (InvalidProof, "invalid_proof"),
        (Blocked, "blocked_number"),
        (BackendRejected, "account_error"),
        (BackendUnavailable, "unavailable"),
        (UnsupportedOperation, "unsupported_operation"),
    ],
)
def test_class_has_code_and_sentence(error_class, code):
    error = error_class()
    assert error.code == code
    assert str(error).endswith(".")


@every_error
def test_error_is_a_ding_error(error):
    assert isinstance(error, DingError)


@every_error
@pytest.mark.parametrize("clone", [lambda error: pickle.loads(pickle.dumps(error)), copy.copy, copy.deepcopy])  # noqa: S301
def test_error_survives_a_copy(error, clone):
    copied = clone(error)
    assert type(copied) is type(error)
    assert str(copied) == str(error)
    assert {**vars(copied), "message": ""} == {**vars(error), "message": ""}


def test_error_message_is_translated_when_shown():
    error = InputError.from_code("invalid_line")
    with translation.override("fr"):
        assert str(error) == str(CODES["invalid_line"].user_message)


@pytest.mark.parametrize("code", INPUT_CODES)
def test_input_error_of_a_code(code):
    error = InputError.from_code(code)
    assert (error.code, str(error)) == (code, str(CODES[code].user_message))


def test_input_error_of_another_code_has_the_general_sentence():
    error = InputError.from_code("invented_later")
    assert (error.code, str(error)) == ("invented_later", "This input can't be used.")


@pytest.mark.parametrize("reason", Reason)
def test_invalid_phone_number_has_a_sentence_for_each_reason(reason):
    error = InvalidPhoneNumber(reason)
    assert (error.code, error.reason) == ("invalid_phone_number", reason)
    assert str(error) == str(InvalidPhoneNumber.SENTENCES[reason])


@pytest.mark.parametrize("code", INPUT_CODES)
def test_invalid_phone_number_also_knows_the_codes(code):
    assert InvalidPhoneNumber.from_code(code).code == code


@pytest.mark.parametrize(
    ("reached", "may_have_executed", "expected"),
    [(True, True, True), (True, False, False), (False, True, False), (False, False, False)],
)
def test_unavailable_unreached_was_not_executed(reached, may_have_executed, expected):
    error = BackendUnavailable(reached=reached, may_have_executed=may_have_executed)
    assert (error.reached, error.may_have_executed) == (reached, expected)


def test_unavailable_does_not_know_when_to_retry():
    assert BackendUnavailable().retry_after is None
