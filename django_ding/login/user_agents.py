"""The name of a device for people, made of its browser's ``User-Agent``."""

#: Parts of a ``User-Agent`` and whose they are. Most browsers name others, too, so the first one that fits counts.
_BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser/": "Samsung Internet",
    "Firefox/": "Firefox",
    "FxiOS/": "Firefox",
    "CriOS/": "Chrome",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}
_SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "CrOS": "ChromeOS",
    "Mac OS X": "Mac",
    "Linux": "Linux",
}


def device_name(user_agent: str) -> str:
    """Return ``Safari, iPhone`` for a browser that is known, and the ``User-Agent`` itself for any other."""
    browser, system = (_find(names, user_agent) for names in (_BROWSERS, _SYSTEMS))
    return ", ".join(filter(None, (browser, system))) if browser else user_agent


def _find(names: dict[str, str], user_agent: str) -> str:
    return next((name for part, name in names.items() if part in user_agent), "")
