"""The demo company: a plainly synthetic shop with two years of history, made through the services people use.

`world` imagines what happened (pure, seeded), `load` makes it happen in an empty database.
"""
