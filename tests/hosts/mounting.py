"""What stands before the views of host projects."""

from django.conf import settings


def strip_script_name(get_response):
    """Do what a server does that mounts the project below ``FORCE_SCRIPT_NAME``; Django's test client has none."""

    def middleware(request):
        request.path = request.path_info
        request.path_info = request.path_info.removeprefix(settings.FORCE_SCRIPT_NAME)
        return get_response(request)

    return middleware


def choose_urlconf(get_response):
    """Choose the URLconf of a domain, which the path stands for here."""

    def middleware(request):
        if not request.path.startswith("/ding/"):
            request.urlconf = "tests.hosts.project_urls"
        return get_response(request)

    return middleware
