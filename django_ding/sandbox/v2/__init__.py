"""Version 2 of the provider's API: paths, credentials, the fields of requests and answers, errors."""
