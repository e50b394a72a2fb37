"""Do what a page of the documentation says, literally: its commands, its files and what it has you do in a browser."""
