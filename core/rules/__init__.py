"""Rules: a typed tree of conditions about a person, checked, compiled to one SQL condition, and said as a sentence.

- `tree` what a rule is and how it is read from JSON; `values` the shapes a condition's value can have;
- `fields` the registry of what can be asked about, filled by the apps; `sources` where a field's answer stands;
- `compiler` tree to one Django Q; `sentence` tree to words; `cycles` rules that include one another.

Semantics, the same everywhere: a condition is true or false, never unknown. A missing value satisfies no positive
condition. Each negative operator (`is_not`, `is_none_of`, `not_contains`, `not_equals`, `not_in_last`, `has_none_of`,
`is_false`, `in_none_of`) is the exact complement of its positive one, so a missing value satisfies it: somebody
without a city is not in Lima. `none` is the exact complement of `any`.
Days are days of the company's zone. "The last N days" are today and the N - 1 days before it, up to now.
"""
