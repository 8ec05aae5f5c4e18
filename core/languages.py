"""The languages of the product by their own names, as people choose them."""

LANGUAGES = [("en", "English"), ("es", "Español")]
