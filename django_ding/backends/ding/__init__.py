"""Ding's OTP API, v1, over HTTPS."""

from django.views.decorators.debug import sensitive_variables

from django_ding.backends import options
from django_ding.backends.ding.operations import DingOperations
from django_ding.backends.http import HttpClient


class DingBackend(DingOperations):
    """Ding's OTP API, v1, over HTTPS.

    :param api_key: the key of the dashboard's legacy credentials.
    :param customer_uuid: the customer UUID that goes with it.
    :param base_url: where the API lives; change it for a sandbox.
    :param connect_timeout: seconds until a connection must stand.
    :param read_timeout: seconds until the whole answer must be there.
    :param connect_retries: how often a failed connection is tried again.
    :param pool_size: connections kept open per process; make it at least the number of threads.
    :param send_ipv6: whether IPv6 addresses of users are passed on. The API documents IPv4 only.
    """

    @sensitive_variables()
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
            headers={"x-api-key": options.api_key(api_key)},
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            connect_retries=connect_retries,
            pool_size=pool_size,
        )
        super().__init__(alias, client=client, customer_uuid=options.customer_uuid(customer_uuid), send_ipv6=send_ipv6)
        self.base_url = client.base_url
