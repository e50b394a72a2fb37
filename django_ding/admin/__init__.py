"""Support sees what happened: authentications and their stories, refusals, verified numbers, blocks, statistics.

Django's admin finds this room by its name, ``admin``, and nothing else imports it. Projects without the admin never
load it.
"""

from django_ding.admin import authentications, blocks, numbers, refusals, statistics

__all__ = ["authentications", "blocks", "numbers", "refusals", "statistics"]
