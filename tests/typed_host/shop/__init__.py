"""A host project as its developer writes it with types: the examples of the docs, and what else one overrides."""
