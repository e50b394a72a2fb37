"""Ding's OTP API, v1, over HTTPS."""

from uuid import UUID

from django.core.exceptions import ImproperlyConfigured

from django_ding.backends.ding.operations import DingOperations
from django_ding.backends.http import HttpClient


class DingBackend(DingOperations):
    """Ding's OTP API, v1, over HTTPS.

    :param api_key: the key of the dashboard's legacy credentials.
    :param customer_uuid: the customer UUID that goes with it.
    :param base_url: where the API lives; change it for a sandbox.
    :param connect_timeout: seconds until a connection must stand.
    :param read_timeout: seconds that the provider may take to answer.
    :param connect_retries: how often a failed connection is tried again.
    :param pool_size: connections kept open per process; make it at least the number of threads.
    :param send_ipv6: whether IPv6 addresses of users are passed on. The API documents IPv4 only.
    """

    def __init__(
        self,
        alias: str,
        *,
        api_key: str,
        customer_uuid: str,
        base_url: str = "https://api.ding.live/v1",
        connect_timeout: float = 3.0,
        read_timeout: float = 10.0,
        connect_retries: int = 1,
        pool_size: int = 100,
        send_ipv6: bool = False,
    ) -> None:
        client = HttpClient(
            base_url,
            headers={
                "x-api-key": _validated_key(api_key),
                "Accept": "application/json",
                "Content-Type": "application/json",
            },
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            connect_retries=connect_retries,
            pool_size=pool_size,
        )
        super().__init__(alias, client=client, customer_uuid=_validated_uuid(customer_uuid), send_ipv6=send_ipv6)


def _validated_key(api_key: str) -> str:
    if (
        isinstance(api_key, str)
        and api_key
        and api_key.isascii()
        and api_key.isprintable()
        and api_key == api_key.strip()
    ):
        return api_key
    raise ImproperlyConfigured("api_key must be printable ASCII text without spaces around it.")


def _validated_uuid(customer_uuid: str) -> str:
    try:
        return str(UUID(str(customer_uuid)))
    except ValueError:
        raise ImproperlyConfigured("customer_uuid must be a UUID, as the provider's dashboard shows it.") from None
