"""The addresses of the admin, and what its tests do again and again."""

from django.contrib.auth.models import Permission

from tests.browser import go

LIST = "/admin/django_ding/authentication/"
NUMBERS = "/admin/django_ding/phonenumber/"
LOST_NUMBERS = "/admin/django_ding/lostphonenumber/"
DEVICES = "/admin/django_ding/remembereddevice/"
BLOCKS = "/admin/django_ding/block/"
LOCKOUTS = "/admin/django_ding/lockout/"
RECOVERY_CODES = "/admin/django_ding/recoverycode/"
REFUSALS = "/admin/django_ding/refusal/"
LOOKING = (
    "view_authentication",
    "view_phonenumber",
    "view_lostphonenumber",
    "view_remembereddevice",
    "view_block",
    "view_refusal",
    "view_recoverycode",
)


def permit(user, *codenames):
    """Give a user permissions of this app."""
    found = Permission.objects.filter(content_type__app_label="django_ding", codename__in=codenames)
    assert found.count() == len(codenames)
    user.user_permissions.add(*found)


def log_in(page, path):
    """Log in as the agent, in a browser, and return the page that has been asked for."""
    page.goto(f"/admin/login/?next={path}")
    page.fill("[name=username]", "agent")
    page.fill("[name=password]", "secret")
    go(page.locator("[type=submit]"))
    return page


def shown(page):
    """Return the keys of the rows on a page of a list."""
    return [row.pk for row in page.context["cl"].result_list]


def search(desk, typed, url=LIST):
    """Search a list, and return where it leads."""
    answer = desk.post(f"{url}search/", {"q": typed})
    assert answer.status_code == 302
    return answer.url


def finds_nothing(desk, typed, url=LIST):
    """Search a list in vain, and return the page that says so."""
    answer = desk.post(f"{url}search/", {"q": typed})
    assert answer.status_code == 200
    assert "No results for" in answer.text
    return answer


def sent(**fields):
    """Return the fields of an event: a message was sent."""
    return {"type": "attempt", "status": "pending", "attempt_number": 1, "channel": "sms", **fields}


def delivered(status="delivered", **fields):
    """Return the fields of an event: a message was delivered."""
    return {"type": "delivery_status", "status": status, "attempt_number": 1, **fields}
