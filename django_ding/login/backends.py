"""The authentication backend for logins by phone."""

from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from django_ding.exceptions import InvalidProof, NoAccount
from django_ding.models import Authentication
from django_ding.services import redeem_login


class PhoneBackend(ModelBackend):
    """Return the user of an authentication of purpose ``login`` whose code was right; permissions are Django's own.

    For logins with a password, ``AUTHENTICATION_BACKENDS`` needs Django's ``ModelBackend`` beside it. The pages and the
    REST API ask all backends. To reject users, override ``user_can_authenticate(user)``: the code stays unspent then,
    for another backend.
    """

    #: Whether a number alone opens an account, on the pages and in the REST API. Without such a backend neither does.
    logs_in_by_phone = True

    @sensitive_variables()
    def authenticate(  # type: ignore[override]
        self, request: HttpRequest | None, authentication: Authentication | None = None
    ) -> Any:
        """Return the user, once per authentication; ``None`` when it opens no account.

        :raises AccountNotCreated: when a newcomer's could not be created.
        """
        if authentication is None:
            return None
        try:
            return redeem_login(authentication, user_can_authenticate=self.user_can_authenticate)
        except (NoAccount, InvalidProof):
            return None

    async def aauthenticate(  # type: ignore[override]
        self, request: HttpRequest | None, authentication: Authentication | None = None
    ) -> Any:
        return await sync_to_async(self.authenticate)(request, authentication)
