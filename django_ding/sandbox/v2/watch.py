"""Watch, the provider's antifraud: predict, events, feedback. It judges by special numbers and scripts alone."""

from ..special_numbers import special_number
from ..validation import required_text
from ..windows import RISK_FACTORS
from . import validation
from .views import Content, V2View

_CONFIDENCES = ("minimum", "low", "neutral", "high", "maximum")
_FEEDBACKS = ("verification.started", "verification.completed")


class PredictView(V2View):
    operation = "predict"

    def parse(self) -> str:
        body = self.json_body()
        self.phone_number = validation.require_target(body)
        validation.signals(body, self.simulator.options)
        validation.dispatch_id(body)
        validation.correlation_id(body, self.simulator.options)
        return self.phone_number

    def execute(self, outcome: str) -> Content:
        is_temporary = special_number(self.phone_number).temporary
        is_suspicious = outcome == "suspicious" or (is_temporary and outcome != "legitimate")
        factors = ("temporary_phone_number",) if is_temporary else RISK_FACTORS["suspicious"]
        return {
            "id": self.simulator.new_id("prd"),
            "prediction": "suspicious" if is_suspicious else "legitimate",
            **({"risk_factors": list(factors)} if is_suspicious else {}),
        }


class EventView(V2View):
    operation = "event"

    def parse(self) -> str:
        numbers = []
        for event in validation.batch(self.json_body(), "events"):
            numbers.append(validation.require_target(event))
            required_text(event, "label")
            validation.require_one_of(event, "confidence", _CONFIDENCES)
        return numbers[0]

    def execute(self, outcome: str) -> Content:
        return {"status": "success"}


class FeedbackView(V2View):
    operation = "feedback"

    def parse(self) -> str:
        numbers = []
        for feedback in validation.batch(self.json_body(), "feedbacks"):
            numbers.append(validation.require_target(feedback))
            validation.require_one_of(feedback, "type", _FEEDBACKS)
            validation.correlation_id(feedback, self.simulator.options)
        return numbers[0]

    def execute(self, outcome: str) -> Content:
        return {"status": "success"}
