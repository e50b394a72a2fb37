"""A device of django-otp's: the user's primary phone number."""
