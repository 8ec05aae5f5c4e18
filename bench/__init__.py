"""Benchmarks; each is a module run by `bin/bench NAME` and ends with one line of JSON."""
