"""Pages to log in by phone, enter a code and manage phone numbers."""
