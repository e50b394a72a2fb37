"""HTTP to a provider, for the backends of this app and for those of other packages.

The only package that imports ``requests``.
"""

from django_ding.backends.http.bounds import MAX_ANSWER_BYTES
from django_ding.backends.http.client import HttpClient
from django_ding.backends.http.reply import MAX_RETRY_AFTER, Reply, read_reply

__all__ = ["MAX_ANSWER_BYTES", "MAX_RETRY_AFTER", "HttpClient", "Reply", "read_reply"]
