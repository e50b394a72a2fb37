"""What the tests of the REST API share."""

from rest_framework.test import APIClient

from django_ding.services import make_step_up_proof

URL = "/api/phone/authentications/"


class SteppedUpClient(APIClient):
    """A caller who confirms with each request who they are."""

    def generic(self, method, path, *args, **kwargs):
        kwargs.setdefault("HTTP_STEP_UP_PROOF", make_step_up_proof(self.handler._force_user))
        return super().generic(method, path, *args, **kwargs)


def signed_in(user, client_class=SteppedUpClient):
    """Return a client of this user's, who isn't logged in by a session."""
    client = client_class()
    client.force_authenticate(user)
    return client
