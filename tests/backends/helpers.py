"""What the tests of the backends share."""

from django_ding.backends.types import SendRequest, Sent

API_KEY = "key-of-the-tests"
CUSTOMER_UUID = "3b1f8a52-6c1e-4d0b-9d55-0f4f3d1f7a10"
PHONE = "+33612345678"
UUID = "64f66a7c-4b2c-4131-a8ff-d5b954cca05f"


def make_sent(authentication_uuid=UUID, phone_number=PHONE, **fields) -> Sent:
    """Return what the app knows of an authentication, its least by default."""
    request = fields.pop("request", SendRequest(phone_number=phone_number))
    return Sent(authentication_uuid=authentication_uuid, phone_number=phone_number, request=request, **fields)


def send(backend, phone_number=PHONE, **fields) -> Sent:
    """Send a code and return what the app then knows of the authentication."""
    request = SendRequest(phone_number=phone_number, **fields)
    response = backend.send(request)
    return make_sent(
        response.authentication_uuid,
        phone_number,
        request=request,
        correlation_id=request.correlation_id,
        created_at=response.created_at,
        expires_at=response.expires_at,
        state=response.state or {},
    )
