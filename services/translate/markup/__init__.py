"""Text with tags in it: read, made ready to be translated, and the tags put back at the right words."""
