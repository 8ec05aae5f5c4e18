"""Backup and restore of an installation: database, media, keys, and the events on their way, in one file.

`archive` is the file, `keys` what must survive, `database` PostgreSQL's own tools, `make` takes a backup while
everything runs, `home` prepares an empty home for one, `load` fills it.
"""
