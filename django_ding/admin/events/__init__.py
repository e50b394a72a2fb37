"""What happened to an authentication, told to people: a headline, and each event in a sentence."""
