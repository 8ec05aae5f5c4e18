"""The list of contacts and the page of each: they show what consent, sales, activities and scoring know of a person,
and so stand above them."""
