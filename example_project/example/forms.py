from django import forms


class PhoneNumberForm(forms.Form):
    """A number as people write it. Whether it is one, the service decides."""

    phone_number = forms.CharField(
        label="Phone number",
        max_length=64,
        help_text="With the country code, such as +33 6 12 34 56 78. Without one it is taken for a French number.",
        error_messages={"required": "Enter a phone number."},
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel"}),
    )


class CodeForm(forms.Form):
    """A code as typed or pasted."""

    code = forms.CharField(
        label="Code",
        max_length=64,
        error_messages={"required": "Enter the code of the message."},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "autofocus": True}),
    )
