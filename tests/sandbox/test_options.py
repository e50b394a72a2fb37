import pytest

from django_ding.sandbox import Options


def test_options_default_to_what_the_documentation_promises():
    options = Options()
    assert (options.code_length, options.expires_in, options.max_checks) == (6, 600, 5)
    assert (options.max_retries, options.retry_delay, options.stateless) == (3, 30, True)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"code_length": 3}, "code_length must be from 4 to 12"),
        ({"code_length": "6"}, "code_length must be a whole number"),
        ({"max_checks": True}, "max_checks must be a whole number"),
        ({"retry_delay": "30"}, "retry_delay must be a number"),
        ({"retry_delay": -1}, "retry_delay must be from 0 to 1000000000"),
        ({"retry_delay": float("nan")}, "retry_delay must be from 0"),
        ({"retry_delay": float("inf")}, "retry_delay must be from 0"),
        ({"stateless": "no"}, "stateless must be true or false"),
        ({"delivered_after": "soon"}, "delivered_after must be a number"),
        ({"customer_uuid": "me"}, "customer_uuid must be a UUID"),
        ({"customer_uuid": ""}, "customer_uuid must be a UUID"),
        ({"customer_uuid": 5}, "customer_uuid must be a UUID"),
        ({"api_key": " "}, "api_key must not be empty"),
        ({"channels": ("pigeon",)}, "channels must name at least one of sms"),
        ({"channels": ()}, "channels must name at least one of sms"),
        ({"channels": ("voice",)}, "channels must name at least one of sms"),
        ({"channels": "sms"}, "channels must be a list"),
        ({"planned_channels": ()}, "planned_channels must name at least one of sms"),
        ({"disabled_channels": ("pigeon",)}, "disabled_channels must name some of sms"),
        ({"in_transit_after": 9}, "must not decrease"),
        ({"webhook_copies": 0}, "webhook_copies must be from 1 to 10"),
        ({"webhook_order": "random"}, "webhook_order must be normal or reversed"),
    ],
)
def test_options_that_are_not_valid_are_rejected(wrong, message):
    with pytest.raises(ValueError, match=message):
        Options(**wrong)


def test_options_take_a_list_where_they_keep_a_tuple():
    assert Options(sender_ids=["Shop"]).sender_ids == ("Shop",)
