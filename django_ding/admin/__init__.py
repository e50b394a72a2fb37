"""What support sees in Django's admin: verifications, users' numbers, recovery codes, what is blocked, statistics.

Django's autodiscovery imports this package by its name, ``admin``, and nothing else does: projects without the admin
never load it.
"""

from django_ding.admin import authentications, guard, phone_numbers, recovery
from django_ding.admin.statistics import page

__all__ = ["authentications", "guard", "page", "phone_numbers", "recovery"]
