"""The account's lists of numbers, its numbers with a fixed code, and its Sender IDs."""

from ..errors import ProviderError
from ..number_lists import ACTIONS
from ..status import rfc3339
from ..validation import require_phone_number, required_text
from . import validation
from .views import Content, V2View


class ManagementView(V2View):
    operation = "manage"

    def parse(self) -> str:
        action = self.kwargs.get("action")
        if action is not None and action not in ACTIONS:
            raise ProviderError("invalid_request", f"The list must be {' or '.join(ACTIONS)}.")
        self.phone_number = self.parse_number()
        return self.phone_number

    def parse_number(self) -> str:
        """Return the number that the call is about, empty when it is about none."""
        return ""

    def number_of_body(self) -> str:
        return require_phone_number(required_text(self.json_body(), "phone_number"))


class ListedNumbersView(ManagementView):
    def execute(self, outcome: str) -> Content:
        listed = self.simulator.listed_numbers(self.kwargs["action"])
        return {
            "phone_numbers": [
                {"phone_number": number, "created_at": rfc3339(created_at)} for number, created_at in listed.items()
            ]
        }


class ListNumberView(ManagementView):
    def parse_number(self) -> str:
        return self.number_of_body()

    def execute(self, outcome: str) -> Content:
        self.simulator.list_number(self.kwargs["action"], self.phone_number)
        return {"phone_number": self.phone_number}


class UnlistNumberView(ManagementView):
    def parse_number(self) -> str:
        return self.number_of_body()

    def execute(self, outcome: str) -> Content:
        self.simulator.unlist_number(self.kwargs["action"], self.phone_number)
        return {"phone_number": self.phone_number}


class SandboxNumbersView(ManagementView):
    def execute(self, outcome: str) -> Content:
        return {
            "phone_numbers": [
                {
                    "phone_number": number,
                    "attempt_code": sandboxed.attempt_code,
                    "created_at": rfc3339(sandboxed.created_at),
                }
                for number, sandboxed in self.simulator.sandbox_numbers().items()
            ]
        }


class AddSandboxNumberView(ManagementView):
    def parse_number(self) -> str:
        body = self.json_body()
        self.code = validation.require_code(required_text(body, "attempt_code"))
        return require_phone_number(required_text(body, "phone_number"))

    def execute(self, outcome: str) -> Content:
        self.simulator.add_sandbox_number(self.phone_number, self.code)
        return {"phone_number": self.phone_number, "attempt_code": self.code}


class RemoveSandboxNumberView(ManagementView):
    def parse_number(self) -> str:
        return require_phone_number(self.kwargs["phone_number"])

    def execute(self, outcome: str) -> Content:
        self.simulator.remove_sandbox_number(self.phone_number)
        return {"phone_number": self.phone_number}


class SenderIdsView(ManagementView):
    def execute(self, outcome: str) -> Content:
        sender_ids = self.simulator.sender_ids().items()
        return {"sender_ids": [{"sender_id": sender_id, "status": status} for sender_id, status in sender_ids]}


class AddSenderIdView(ManagementView):
    def parse_number(self) -> str:
        self.sender_id = validation.require_sender_id(required_text(self.json_body(), "sender_id"))
        return ""

    def execute(self, outcome: str) -> Content:
        return {"sender_id": self.sender_id, "status": self.simulator.add_sender_id(self.sender_id)}
