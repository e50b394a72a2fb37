"""A project's own exception handler, for its own endpoints."""

from rest_framework.response import Response
from rest_framework.views import exception_handler


def handle(error, context):
    answer = exception_handler(error, context)
    return answer and Response({"problem": answer.data}, status=answer.status_code)
