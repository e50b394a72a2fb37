"""The use cases, one a file, each read from top to bottom. Private: only ``django_ding.services`` imports them."""
