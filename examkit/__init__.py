"""The frame every Examkit deployable stands on: errors, artifacts, settings, web plumbing; no domain."""

__version__ = "0.1.0"
