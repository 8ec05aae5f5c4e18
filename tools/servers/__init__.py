"""The servers Cauce brings along where nobody names others: PostgreSQL, Valkey and the mail catcher, in one folder."""
