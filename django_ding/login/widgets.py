"""The two inputs of a phone number."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from django_ding.login.countries import countries


class CountrySelect(forms.Widget):
    """The countries that codes may go to. Each tells the script how its numbers are written.

    Django's own ``Select`` renders three templates per option, which takes 50 ms for all countries.
    """

    template_name = "django_ding/login/widgets/country.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Offer the countries in the language of this request, and ask for one where none is chosen."""
        context = super().get_context(name, value, attrs)
        offered = countries()
        context["widget"]["countries"] = offered
        context["widget"]["chosen"] = next((country.region for country in offered if country.region == value), None)
        return context


class PhoneNumberWidget(forms.MultiWidget):
    """A country and a number as people write it. Its value is the pair of them.

    The number's input has the field's own name and id; those of the country end in ``_country``. A form without a
    country, and one that was not filled in, has ``region``.
    """

    use_fieldset = False
    region: str | None = None

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        country = CountrySelect({"aria-label": _("Country"), "autocomplete": "country"})
        number = forms.TextInput(
            {"type": "tel", "inputmode": "tel", "autocomplete": "tel", "autofocus": True, "dir": "ltr"}
        )
        super().__init__({"country": country, "": number}, attrs)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Leave to the number what is said of the field: its id, its error and its help."""
        context = super().get_context(name, value, attrs)
        country, number = context["widget"]["subwidgets"]
        for attribute in ("required", "aria-describedby", "aria-invalid"):
            country["attrs"].pop(attribute, None)
        if field_id := context["widget"]["attrs"].get("id"):
            country["attrs"]["id"] = f"{field_id}_country"
            number["attrs"]["id"] = field_id
        return context

    def subwidgets(self, name: str, value: Any, attrs: dict[str, Any] | None = None) -> Any:
        """Give templates the two inputs: ``{{ field.0 }}`` and ``{{ field.1 }}``."""
        return self.get_context(name, value, attrs)["widget"]["subwidgets"]

    def id_for_label(self, id_: str) -> str:
        """Let the field's label name the number."""
        return id_

    def decompress(self, value: str | None) -> list[str | None]:
        """Show a number whole, beside the usual country."""
        return [self.region, value]

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[str | None]:
        """Take the usual country where the form has none."""
        country, number = super().value_from_datadict(data, files, name)
        return [self.region if country is None else country, number]
