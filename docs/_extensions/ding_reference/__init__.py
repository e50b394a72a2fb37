"""The reference of the documentation, read from the code: one module a subject, each of which returns MyST Markdown."""
