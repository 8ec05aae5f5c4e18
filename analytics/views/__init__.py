"""Screens of the numbers."""
