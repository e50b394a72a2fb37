"""The pages of the gallery, as the templates make them."""

import json
import re
from html.parser import HTMLParser

import pytest
from django.template.loader import get_template
from django.template.loader_tags import BlockNode

from tests.login.gallery import LANGUAGES, PAGES, TEMPLATES

BLOCKS = {
    "base": {"title", "head", "header", "messages", "content"},
    "phone_number_form": {
        *("back", "heading", "reason", "number", "intro", "fields", "actions", "sign_up", "after"),
    },
    "login": {"title", "heading", "intro", "fields", "actions", "after"},
    "enter_code": {"back", "heading", "intro", "fields", "actions", "limits", "resend", "status", "after"},
    "refused": {"heading", "intro", "actions", "after"},
    "phone_number_list": {"title", "heading", "number", "number_actions", "empty", "actions", "devices", "after"},
    "phone_number_confirm_delete": {"title", "heading", "intro", "actions", "after"},
    "phone_number_confirm_primary": {"title", "heading", "intro", "actions", "after"},
    "step_up": {"back", "heading", "reason", "intro", "password", "numbers", "after"},
    "device_list": {
        *("title", "heading", "intro", "device", "device_actions", "actions", "empty", "numbers", "after"),
    },
    "recovery_code": {"heading", "intro", "fields", "actions", "after"},
    "unavailable": {"heading", "intro", "after"},
}
PROPER_NAMES = ["SMS", "RCS", "WhatsApp", "Viber", "Zalo", "Telegram"]
#: The one that is left out repeats a long German word.
TRANSLATED = [name for name in PAGES if name != "phone-number-long"]


@pytest.fixture
def gallery(settings, client):
    settings.ROOT_URLCONF = "tests.login.gallery"
    settings.STATIC_URL = "/static/"
    settings.TEMPLATES = TEMPLATES
    settings.LANGUAGES = LANGUAGES
    return client


class Page(HTMLParser):
    """What stands in a page: its tags with their attributes, their ids, and what is read out of it or by the script."""

    READ = {"aria-label", "placeholder", "title", "data-ding-ready"}

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: set[str] = set()
        self.feed(text)
        self.ids = [attributes["id"] for _, attributes in self.tags if "id" in attributes]

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.texts |= {value for name, value in attrs if name in self.READ}

    def handle_data(self, data):
        self.texts.add(data.strip())


def shown(gallery, name: str, lang: str = "en") -> str:
    return gallery.get(f"/{name}/?lang={lang}").text


@pytest.mark.parametrize("name", PAGES)
def test_page_has_no_inline_script_or_style(gallery, name):
    page = Page(shown(gallery, name))
    assert [attributes for tag, attributes in page.tags if tag == "script"] == [
        {"src": "/static/django_ding/login.js", "defer": None}
    ]
    assert "style" not in {tag for tag, _ in page.tags}
    names = {name for _, attributes in page.tags for name in attributes}
    assert not [name for name in names if name == "style" or name.startswith("on")]
    assert not re.search(r"javascript:|data:", shown(gallery, name))


@pytest.mark.parametrize("name", PAGES)
def test_page_ids_are_unique_and_referred_to(gallery, name):
    page = Page(shown(gallery, name))
    assert len(page.ids) == len(set(page.ids))
    for _, attributes in page.tags:
        for attribute in ("for", "aria-describedby", "aria-labelledby"):
            assert set((attributes.get(attribute) or "").split()) <= set(page.ids)


@pytest.mark.parametrize("name", PAGES)
def test_page_posts_with_a_token(gallery, name):
    text = shown(gallery, name)
    assert text.count('method="post"') == text.count("csrfmiddlewaretoken")


def test_page_speaks_the_active_language(gallery):
    assert '<html lang="en" dir="ltr">' in shown(gallery, "code")
    assert '<html lang="ar" dir="rtl">' in shown(gallery, "code", "ar")


def words(gallery, settings, name: str, lang: str) -> set[str]:
    """Return the texts of a page that have letters, with one country to choose from."""
    settings.DING = {**settings.DING, "ALLOWED_COUNTRIES": ["DE"]}
    texts = {text.replace("{time}", "0:30") for text in Page(shown(gallery, name, lang)).texts}
    return {text for text in texts if re.search(r"[^\W\d_]", text)}


@pytest.mark.parametrize("lang", [lang for lang, _ in LANGUAGES if lang != "en"])
@pytest.mark.parametrize("name", TRANSLATED)
def test_page_has_no_english_text_in_another_language(gallery, settings, name, lang):
    english, translated = (words(gallery, settings, name, each) for each in ("en", lang))
    assert len(english) == len(translated)
    assert english & translated <= {"Code", "France", *PROPER_NAMES}  # French words, the former a German one as well.


@pytest.mark.parametrize("name", TRANSLATED)
def test_page_in_arabic_has_no_latin_letters(gallery, settings, name):
    texts = (re.sub("|".join(PROPER_NAMES), "", text) for text in words(gallery, settings, name, "ar"))
    assert [text for text in texts if re.search("[A-Za-z]", text)] == []


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("phone-number", "Log in with your phone"),
        ("phone-number-refused", "Error: Log in with your phone"),
        ("code", "Enter the code"),
        ("code-refused", "Error: Enter the code"),
        ("code-expired", "Error: Enter the code"),
        ("numbers", "Your phone numbers"),
    ],
)
def test_title_says_an_error_first(gallery, name, title):
    assert f"<title>{title}</title>" in shown(gallery, name)


def test_error_stands_beside_its_field_and_is_announced(gallery):
    text = shown(gallery, "phone-number-refused")
    assert '<p class="ding-error" id="id_phone_number_error" role="alert">This phone number is too short.' in text


def test_next_is_kept(gallery):
    assert '<input type="hidden" name="next" value="/numbers/">' in shown(gallery, "phone-number")


def test_code_page_tells_limits_in_words(gallery):
    text = shown(gallery, "code")
    assert "The code expires in 10 minutes." in text
    assert "You can request another code in 30 seconds." in text
    assert "request another code" not in shown(gallery, "code-ready")


@pytest.mark.parametrize(
    ("lang", "steps"),
    [
        ("en", [[30, 1, "{count} seconds"], [1, 1, "{count} second"]]),
        ("ar", [[30, 1, "{count} ثانية"], [10, 1, "{count} ثوانٍ"], [2, 1, "ثانيتين"], [1, 1, "ثانية واحدة"]]),
    ],
)
def test_code_page_tells_scripts_plain_numbers_and_the_words_for_them(gallery, settings, lang, steps):
    settings.FORMAT_MODULE_PATH = "tests.hosts.formats"
    settings.USE_THOUSAND_SEPARATOR = True
    [wait] = [attributes for _, attributes in Page(shown(gallery, "code", lang)).tags if "data-ding-wait" in attributes]
    seconds, sentence, words = json.loads(wait["data-ding-wait"])
    assert (seconds, sentence.count("{time}"), words) == (30, 1, steps)


def test_code_page_says_attempts_left_after_a_mistake_only(gallery):
    assert "left." not in shown(gallery, "code")
    assert shown(gallery, "code-incorrect").count("4 attempts left.") == 1
    assert "1 attempt left." in shown(gallery, "code-ready")


def test_error_of_resending_stands_beside_its_button(gallery):
    form, _, section = shown(gallery, "code-early").partition("<section")
    assert 'role="alert" tabindex="-1" autofocus>We didn&#x27;t send another code.</p>' in section
    assert "aria-invalid" not in form


def test_outage_stands_beside_the_button_of_the_code_and_keeps_what_was_typed(gallery):
    text = shown(gallery, "code-refused")
    assert "<title>Error: Enter the code</title>" in text
    assert text.index('value="123456"') < text.index("temporarily unavailable") < text.index(">Continue<")
    assert "aria-invalid" not in text


@pytest.mark.parametrize(("name", "link"), [("locked-number", "Use a different number"), ("locked-account", None)])
def test_lockout_has_no_wait_and_no_button(gallery, name, link):
    page = Page(shown(gallery, name))
    assert not {"data-ding-wait", "data-ding-then"} & {key for _, attributes in page.tags for key in attributes}
    assert not [tag for tag, _ in page.tags if tag == "button"]
    assert {"Too many incorrect codes"} <= page.texts
    assert {text for text in page.texts if "different" in text and len(text) < 25} == ({link} if link else set())


def test_code_page_shows_a_typed_number_whole(gallery):
    assert "+33\xa06\xa012\xa034\xa056\xa078" in shown(gallery, "code-remember")
    assert "+33*******78" in shown(gallery, "code")


def test_code_page_whose_code_expired_asks_for_nothing(gallery):
    text = shown(gallery, "code-expired")
    assert "<input" not in text
    assert 'href="/phone-number/">Start over' in text


def test_code_page_leads_to_another_number_where_the_visitor_entered_one(gallery):
    assert 'href="/phone-number/">Use a different number' in shown(gallery, "code-remember")
    assert 'href="/phone-number/">Start over' in shown(gallery, "code")


def test_messages_are_announced(gallery):
    text = shown(gallery, "numbers")
    assert 'role="status">Phone number verified.' in text
    assert 'role="alert">This number is already linked to another account.' in text


@pytest.mark.parametrize(("template", "blocks"), BLOCKS.items())
def test_template_has_its_blocks(settings, template, blocks):
    settings.TEMPLATES = TEMPLATES
    nodes = get_template(f"django_ding/login/{template}.html").template.nodelist.get_nodes_by_type(BlockNode)
    assert {node.name for node in nodes} - {"content"} == blocks - {"content"}
