"""The pages of the gallery in Chromium: what the script does, and what is left without it."""

from random import Random

import pytest
from django.test import override_settings

from tests.browser import check_accessibility, go
from tests.login import gallery
from tests.login.server import served

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("gallery")]

LATER = "Resend code"


@pytest.fixture(scope="module")
def url():
    changed = {
        "ALLOWED_HOSTS": ["127.0.0.1"],
        "ROOT_URLCONF": "tests.login.gallery",
        "STATIC_URL": "/static/",
        "TEMPLATES": gallery.TEMPLATES,
        "LANGUAGES": gallery.LANGUAGES,
    }
    with override_settings(**changed), served() as url:
        yield url


@pytest.fixture
def visit(browser, url):
    """Open a page of the gallery in a window of its own. None may complain, not even about the strict policy."""
    windows, complaints = [], []

    def visit(name, *, script="", before=lambda page: None, lang="en", **options):
        window = browser.new_context(locale="fr-FR", **options)
        windows.append(window)
        page = window.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.route("**/favicon.ico", lambda route: route.fulfill(body=""))
        if script:
            page.add_init_script(script)
        before(page)
        page.goto(f"{url}/{name}/?lang={lang}")
        return page

    yield visit
    for window in windows:
        window.close()
    assert complaints == []


def in_languages(page):
    """Show the page in English, German and Arabic, one after the other, in the window that is open already."""
    address = page.url.partition("?")[0]
    for lang in ("en", "de", "ar"):  # German has the longest words.
        page.goto(f"{address}?lang={lang}")
        assert page.locator("html").get_attribute("lang") == lang
        yield lang


@pytest.fixture
def posted():
    gallery.POSTED.clear()
    return gallery.POSTED


def typed_into(page, text):
    """Type a number as a keyboard does, and return what the page made of it."""
    page.locator("[type=tel]").press_sequentially(text)
    return page.input_value("[type=tel]")


def paste(page, selector, text):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    page.focus(selector)
    page.keyboard.press("Control+v")
    return page.input_value(selector)


def digits(text):
    return "".join(char for char in text if char.isdigit() or char == "+")


@pytest.mark.parametrize(
    ("country", "typed", "shown"),
    [
        ("FR", "0612345678", "06 12 34 56 78"),
        ("FR", "612345678", "6 12 34 56 78"),
        ("FR", "06123456789", "06 12 34 56 789"),
        ("US", "2025550100", "(202) 555-0100"),
        ("HU", "06201234567", "06 20 123 4567"),
        ("FR", "+33612345678", "+33 6 12 34 56 78"),
        ("FR", "+999123", "+999123"),
        ("FR", "0033612345678", "0033612345678"),
        ("FR", "06.12.34.56.78", "06.12.34.56.78"),
        ("FR", "06 12345678", "06 12345678"),
        ("FR", "+33 (0)612345678", "+33 (0)612345678"),
        ("FR", "٠٦١٢٣٤٥٦٧٨", "٠٦١٢٣٤٥٦٧٨"),
        ("FR", "06a12", "06a12"),
    ],
)
def test_number_is_spaced_while_typed(visit, country, typed, shown):
    page = visit("phone-number")
    page.select_option("select", country)
    assert typed_into(page, typed) == shown


def test_number_of_another_country_chooses_it(visit):
    page = visit("phone-number")
    assert typed_into(page, "+447400123456") == "+44 7400 123456"
    assert page.input_value("select") == "GB"


def test_number_with_a_shared_code_leaves_the_country(visit):
    page = visit("phone-number")
    page.select_option("select", "CA")
    assert typed_into(page, "+12025550100") == "+1 202-555-0100"
    assert page.input_value("select") == "CA"


def test_number_never_loses_what_was_typed(visit):
    page = visit("phone-number")
    random = Random(4)  # noqa: S311
    for country in ("FR", "US", "DE", "AR", "RU", "IT", "GB"):
        page.select_option("select", country)
        typed = random.choice(["", "+", "0", "00", "8"]) + "".join(random.choices("0123456789", k=12))
        page.fill("[type=tel]", "")
        for count, sign in enumerate(typed, start=1):
            assert digits(typed_into(page, sign)) == typed[:count]
        for count in reversed(range(len(typed))):
            while len(digits(page.input_value("[type=tel]"))) > count:
                page.keyboard.press("Backspace")
            assert digits(page.input_value("[type=tel]")) == typed[:count]


def test_number_deleted_digit_by_digit(visit):
    page = visit("phone-number")
    typed_into(page, "06123")
    seen = []
    for _ in range(5):
        page.keyboard.press("Backspace")
        seen.append(page.input_value("[type=tel]"))
    assert seen == ["06 12", "06 1", "06", "0", ""]


def test_number_edited_in_the_middle_is_left_alone(visit):
    page = visit("phone-number")
    typed_into(page, "061234")
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    page.keyboard.type("99")
    assert page.input_value("[type=tel]") == "06 1992 34"
    assert page.evaluate("document.activeElement.selectionStart") == 6
    page.keyboard.press("End")
    page.keyboard.type("5")
    assert page.input_value("[type=tel]") == "06 1992 345"


def test_number_begun_anew_is_left_alone(visit):
    page = visit("phone-number")
    typed_into(page, "06")
    page.keyboard.press("Home")
    page.keyboard.type("33")
    assert page.input_value("[type=tel]") == "3306"
    assert page.evaluate("document.activeElement.selectionStart") == 2


@pytest.mark.parametrize(
    ("pasted", "shown"),
    [("0612345678", "06 12 34 56 78"), ("06-12-34-56-78", "06-12-34-56-78"), ("+447400123456", "+44 7400 123456")],
)
def test_number_pasted(visit, pasted, shown):
    assert paste(visit("phone-number"), "[type=tel]", pasted) == shown


def test_number_undone_and_redone(visit):
    page = visit("phone-number")
    typed_into(page, "06123")
    seen = []
    while page.input_value("[type=tel]"):
        page.keyboard.press("Control+z")
        seen.append(digits(page.input_value("[type=tel]")))
        assert len(seen) < 20
    assert all("06123".startswith(text) for text in seen)
    for _ in seen:
        page.keyboard.press("Control+Shift+z")
    assert page.input_value("[type=tel]") == "06 12 3"


@pytest.mark.parametrize(
    ("pasted", "shown"), [(" 123 456\n", "123456"), ("123-456", "123456"), ("see you at 9", "see you at 9")]
)
def test_code_pasted(visit, pasted, shown):
    page = visit("code")
    assert paste(page, "[name=code]", pasted) == shown
    assert page.title() == "Enter the code"


def test_code_typed_is_not_sent_by_itself(visit, posted):
    page = visit("code")
    page.locator("[name=code]:focus").wait_for()  # The browser sets the focus after the load.
    page.keyboard.type("123456")
    page.wait_for_timeout(200)
    assert posted == []
    page.keyboard.press("Enter")
    page.wait_for_url("**/code/**")
    page.wait_for_function("document.title === 'Posted'")
    assert posted[0]["code"] == "123456"


READER = """
window.OTPCredential = class {};
CredentialsContainer.prototype.get = ({otp, signal}) => {
  window.asked = otp.transport;
  window.signal = signal;
  return ANSWER;
};
"""


def test_code_read_from_its_message(visit, posted):
    page = visit("code", script=READER.replace("ANSWER", 'Promise.resolve({code: "123456"})'))
    page.wait_for_function("document.title === 'Posted'")
    assert posted[0]["code"] == "123456"


def test_code_is_not_waited_for_once_sent(visit):
    page = visit("code", script=READER.replace("ANSWER", "new Promise(() => {})"))
    assert page.evaluate("[window.asked, window.signal.aborted]") == [["sms"], False]
    page.evaluate("document.querySelector('form').addEventListener('submit', (event) => event.preventDefault())")
    page.click("text=Continue")
    assert page.evaluate("window.signal.aborted")


def test_code_that_is_not_read_can_be_typed(visit):
    page = visit("code", script=READER.replace("ANSWER", "Promise.reject(new Error('no'))"))
    page.locator("[name=code]:focus").wait_for()  # The browser sets the focus after the load.
    page.keyboard.type("123456")
    assert page.input_value("[name=code]") == "123456"


def standing_still(page):
    """Stop the page's clock, however long the browser takes to show it."""
    page.clock.install(time=0)
    page.clock.pause_at(1000)


def test_countdown(visit):
    page = visit("code", before=standing_still)
    button, status = page.get_by_role("button", name=LATER), page.locator("[data-ding-ready]")
    assert button.is_disabled()
    assert "You can request another code in 30 seconds." in page.inner_text("section")
    page.clock.run_for(28_500)
    assert "in 2 seconds." in page.inner_text("section")
    page.clock.run_for(1_000)
    assert "in 1 second." in page.inner_text("section")
    assert status.text_content() == ""
    page.clock.run_for(1_000)
    assert button.is_enabled()
    assert "another code in" not in page.inner_text("section")
    assert status.text_content() == "You can request another code now."


def test_countdown_in_arabic_has_a_dual(visit):
    page = visit("code", before=standing_still, lang="ar")
    seen = []
    for passed in (0, 19_500, 8_000, 1_000, 1_000):
        page.clock.run_for(passed)
        seen.append(page.inner_text("[data-ding-wait]").partition(" بعد ")[2])
    assert seen == ["30 ثانية.", "11 ثانية.", "3 ثوانٍ.", "ثانيتين.", "ثانية واحدة."]


def test_countdown_of_minutes(visit):
    page = visit("too-many-logins", before=standing_still)
    assert page.inner_text("[data-ding-wait]") == "You can request another code in 10 minutes."
    page.clock.run_for(481_000)
    assert page.inner_text("[data-ding-wait]") == "You can request another code in 2 minutes."
    page.clock.run_for(31_000)
    assert page.inner_text("[data-ding-wait]") == "You can request another code in 88 seconds."


@pytest.mark.parametrize(
    ("name", "label"), [("too-many-logins", "Request another code"), ("too-many-requests", "Send code")]
)
def test_button_of_a_refusal_appears_when_it_is_of_use(visit, name, label):
    page = visit(name, before=standing_still)
    button = page.get_by_text(label, exact=True)
    assert button.is_hidden()
    page.clock.run_for(600_500)
    assert button.is_visible()
    assert page.locator("[data-ding-ready]").inner_text() == "You can request another code now."
    go(button)


def test_button_of_a_refusal_is_not_there_without_the_script(visit):
    page = visit("too-many-requests", java_script_enabled=False)
    assert page.locator("button:visible").count() == 0
    assert page.get_by_text("Use a different number").is_visible()


def test_check_waits_beside_its_button(visit):
    page = visit("code-waiting", before=standing_still)
    button = page.get_by_role("button", name="Continue")
    assert button.is_disabled()
    page.clock.run_for(7_500)
    assert button.is_enabled()
    assert page.get_by_role("button", name=LATER).is_disabled()


def test_what_was_typed_is_posted_with_the_request_for_another_code(visit, posted):
    page = visit("code-whatsapp")
    page.fill("[name=code]", "123")
    go(page.get_by_role("button", name=LATER))
    assert posted[0]["code"] == "123"


def test_enter_checks_the_code_and_sends_no_other(visit, posted):
    page = visit("code-whatsapp")
    page.fill("[name=code]", "123")
    with page.expect_navigation(url="**/code-whatsapp/**"):
        page.press("[name=code]", "Enter")
    assert (page.title(), "channel" in posted[0]) == ("Posted", False)


@pytest.mark.parametrize(("name", "color"), [("code", "focus"), ("code-incorrect", "bad")])
def test_focus_and_error_are_one_line(visit, name, color):
    page = visit(name)
    page.locator("[name=code]:focus").wait_for()
    style = "e => [getComputedStyle(e).outlineColor, parseFloat(getComputedStyle(e).outlineOffset)]"
    outline, offset = page.locator("[name=code]").evaluate(style)
    expected = page.evaluate(
        "name => { const p = document.createElement('p'); p.style.color = `var(--ding-${name})`;"
        " document.querySelector('.ding').append(p); return getComputedStyle(p).color; }",
        color,
    )
    assert outline == expected
    assert offset < 0  # The ring lies on the border.


@pytest.mark.parametrize("name", ["code-whatsapp", "remove-number", "primary-number", "step-up-code", "numbers"])
def test_buttons_of_equal_rank_have_equal_width(visit, name):
    page = visit(name, viewport={"width": 390, "height": 700})
    widths = "boxes => boxes.map(box => [...box.querySelectorAll('.ding-button')].map(e => Math.round(e.offsetWidth)))"
    for lang in in_languages(page):
        groups = page.locator(".ding-actions").evaluate_all(widths)
        assert groups, lang
        assert [len(set(group)) for group in groups] == [1] * len(groups), lang


def test_countdown_is_that_of_every_button(visit):
    page = visit("code-channels", before=standing_still)
    buttons = page.locator("section button")
    assert [buttons.nth(n).is_disabled() for n in range(buttons.count())] == [True] * 3
    page.clock.run_for(30_500)
    assert [buttons.nth(n).is_enabled() for n in range(buttons.count())] == [True] * 3


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize(("button", "channel"), [("Send by SMS", "sms"), ("Call me", "voice"), (LATER, None)])
def test_chosen_channel_is_posted(visit, posted, button, channel, script):
    page = visit("code-whatsapp", java_script_enabled=script)
    go(page.get_by_role("button", name=button))
    assert page.title() == "Posted"
    assert posted[0].get("channel") == channel


def test_form_is_sent_once(visit):
    held = []
    page = visit("phone-number")
    page.route("**/phone-number/**", lambda route: held.append(route))
    button = page.get_by_role("button").bounding_box()
    for _ in range(2):
        page.mouse.click(button["x"] + 9, button["y"] + 9)
        page.wait_for_timeout(200)
    assert len(held) == 1
    held[0].abort()


@pytest.mark.parametrize("way", ["dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))", ""])
def test_form_can_be_sent_again(visit, way):
    page = visit("phone-number", before=lambda page: page.clock.install())
    page.evaluate("document.forms[0].dispatchEvent(new SubmitEvent('submit', {cancelable: true}))")
    button = page.locator("button")
    assert button.get_attribute("aria-disabled") == "true"
    if way:
        page.evaluate(way)
    else:
        page.clock.run_for(10_001)
    assert button.get_attribute("aria-disabled") is None


def test_without_script_all_works(visit, posted):
    page = visit("phone-number", java_script_enabled=False)
    page.fill("[type=tel]", "07400 123456")
    page.select_option("select", "GB")
    go(page.locator("button"))
    assert page.title() == "Posted"
    assert posted[0] | {"csrfmiddlewaretoken": ""} == {
        "csrfmiddlewaretoken": "",
        "next": "/numbers/",
        "dispatch_id": "",
        "phone_number_country": "GB",
        "phone_number": "07400 123456",
    }


def test_without_script_resending_waits_for_the_server(visit):
    page = visit("code", java_script_enabled=False)
    assert "You can request another code in 30 seconds." in page.inner_text("section")
    go(page.locator(f"text={LATER}"))
    assert page.title() == "Posted"


def test_guessed_country_is_chosen(visit):
    assert visit("phone-number").input_value("select") == "FR"


@pytest.mark.parametrize("name", gallery.PAGES)
def test_page_fits_a_small_phone(visit, name):
    page = visit(name, viewport={"width": 320, "height": 640})
    seen = "e => e.getClientRects().length"  # A script shows others when the wait is over.
    small = (
        f"elements => elements.filter({seen}).filter(e => e.getBoundingClientRect().height < 24).map(e => e.outerHTML)"
    )
    for lang in in_languages(page):
        assert page.evaluate("document.documentElement.scrollWidth") == 320, lang
        assert page.locator("button, input:not([type=hidden]), select, a").evaluate_all(small) == [], lang


@pytest.mark.parametrize("name", gallery.PAGES)
def test_page_is_accessible(visit, name):
    check_accessibility(visit(name))
