"""What the tests of the REST API share."""

URL = "/api/phone/authentications/"
