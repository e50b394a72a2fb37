"""The backend of Prelude's API over HTTPS: its options, and the client that they configure."""

from collections.abc import Mapping, Sequence
from typing import Literal

from django.views.decorators.debug import sensitive_variables

from django_ding.backends import options
from django_ding.backends.http import HttpClient
from django_ding.backends.prelude.base import BasePreludeBackend


class PreludeBackend(BasePreludeBackend):
    """Prelude Verify, version 2, over HTTPS.

    The options marked with * are switched on by the provider's support; without that, they are rejected there.

    :param api_key: the key of the dashboard, version 2.
    :param base_url: where the API is; change it for a sandbox.
    :param connect_timeout: connection timeout in seconds.
    :param read_timeout: seconds within which the whole answer must arrive.
    :param connect_retries: how often a failed connection is tried again.
    :param pool_size: connections kept open per process; make it at least the number of threads.
    :param code_size: digits of a code, 4 to 8. Default: as set in the dashboard.
    :param method: ``"auto"``, ``"message"`` or ``"voice"``, where no channel was chosen. Default: the provider decides.
    :param preferred_channel: the channel to try first, such as ``"whatsapp"``; not with ``channels``.
    :param channels: the only channels, in this order*.
    :param template_id: a message template, such as ``"prelude:psd2"``.
    :param variables: the template's variables, a dict of strings.
    :param sender_id: a Sender ID of the account.
    :param max_auto_fallbacks: how many more messages the provider may send by itself*.
    :param force_challenge: whether to use neither SMS nor calls*.
    :param webotp_domain: the site's domain, with which browsers fill the code in (WebOTP).
    :param allow_custom_code: whether ``extra`` may have a ``custom_code``*. A retry has a code of the provider's.
    :param silent: whether apps on phones may verify without a message*. See "Silent verification" in the docs.
    :param trust_returning_users: whether ``is_returning_user`` is passed on, as a user the provider should trust*.
    :param supports_status: whether the account has the history of verifications*.
    :param supports_lookup: whether the account has Lookup.
    :param supports_feedback: whether the account has Watch*, which takes ``onboarded`` only.
    :param webhooks: ``"per_request"`` sends a URL with each request; ``"per_account"`` is for the URL of the dashboard.
    :param webhook_public_keys: the keys, in PEM, that webhooks must be signed with. Several, while one is replaced.
    """

    @sensitive_variables()
    def __init__(
        self,
        alias: str,
        *,
        api_key: str,
        base_url: str = "https://api.prelude.dev",
        connect_timeout: float = 3.0,
        read_timeout: float = 10.0,
        connect_retries: int = 1,
        pool_size: int = 100,
        code_size: int | None = None,
        method: str | None = None,
        preferred_channel: str | None = None,
        channels: Sequence[str] | None = None,
        template_id: str | None = None,
        variables: Mapping[str, str] | None = None,
        sender_id: str | None = None,
        max_auto_fallbacks: int | None = None,
        force_challenge: bool | None = None,
        webotp_domain: str | None = None,
        allow_custom_code: bool = False,
        silent: bool = False,
        trust_returning_users: bool = False,
        supports_status: bool = False,
        supports_lookup: bool = True,
        supports_feedback: bool = False,
        webhooks: Literal["per_request", "per_account"] = "per_request",
        webhook_public_keys: str | Sequence[str] = (),
    ) -> None:
        client = HttpClient(
            # The documentation writes the base URL with and without the version that each path begins with.
            base_url.rstrip("/").removesuffix("/v2") if isinstance(base_url, str) else base_url,
            headers={"Authorization": f"Bearer {options.secret('api_key', api_key)}"},
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            connect_retries=connect_retries,
            pool_size=pool_size,
        )
        super().__init__(
            alias,
            client=client,
            supports_status=supports_status,
            supports_lookup=supports_lookup,
            supports_feedback=supports_feedback,
            silent=silent,
            trust_returning_users=trust_returning_users,
            allow_custom_code=allow_custom_code,
            template_id=template_id,
            sender_id=sender_id,
            webotp_domain=webotp_domain,
            webhooks=webhooks,
            webhook_public_keys=webhook_public_keys,
            code_size=code_size,
            method=method,
            preferred_channel=preferred_channel,
            channels=channels,
            variables=variables,
            max_auto_fallbacks=max_auto_fallbacks,
            force_challenge=force_challenge,
        )
        self.base_url = client.base_url
