"""The whole of Examkit on one machine without containers: start, watch, stop, demonstrate."""
