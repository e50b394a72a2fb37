"""Integrations with other packages: each is a module or an app of its own, for projects that have the package."""
