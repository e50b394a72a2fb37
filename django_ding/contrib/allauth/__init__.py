"""django-allauth's phone flows, with codes and numbers of this app."""
