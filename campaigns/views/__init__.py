"""The screens of e-mail."""
