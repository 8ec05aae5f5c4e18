"""Bringing files in: reading any reasonable file as rows, mapping its columns, and one kind per thing imported."""
