"""The template of the page for the password, which a project may have or not."""

import pytest
from django.template import TemplateDoesNotExist

from tests.login.helpers import ALICE, SECOND_FACTOR
from tests.login.site import PlainLoginView

pytestmark = pytest.mark.django_db


def test_project_without_a_template(client, account):
    page = client.get("/plain/?next=/desk/")
    assert page.templates[0].name == "django_ding/login/login.html"
    assert '<input type="hidden" name="next" value="/desk/">' in page.text
    assert "<h1>Welcome</h1>" in page.text
    assert 'autocomplete="current-password"' in page.text
    assert client.post("/plain/", ALICE).url == SECOND_FACTOR


def test_error_is_announced(client, account):
    text = client.post("/plain/", ALICE | {"password": "wrong"}).text
    assert '<p class="ding-message ding-message-bad" role="alert">Please enter a correct username and password.' in text
    assert "<title>Error: Welcome</title>" in text


def test_template_of_the_project_comes_first(client, settings, tmp_path):
    (tmp_path / "registration").mkdir()
    (tmp_path / "registration" / "login.html").write_text("the site's own")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    assert client.get("/plain/").text == "the site's own"


def test_template_that_the_project_names_has_to_exist(client, monkeypatch):
    monkeypatch.setattr(PlainLoginView, "template_name", "site/missing.html")
    with pytest.raises(TemplateDoesNotExist, match=r"site/missing\.html"):
        client.get("/plain/")
