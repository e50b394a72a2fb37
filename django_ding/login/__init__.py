"""Pages for people: ask for a number, enter a code, look after one's numbers."""
