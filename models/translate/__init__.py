"""Conversion of translation models."""
