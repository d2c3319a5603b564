"""Documents translated: read, their texts translated with the tags in them, and written as they were."""
