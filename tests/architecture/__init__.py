"""How the house stands: what import-linter cannot see."""
