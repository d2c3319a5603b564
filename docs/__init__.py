"""What is written for people, and the command that writes the API descriptions."""
