"""Benchmarks: one command measures one thing and prints one table. See README.md beside this file."""
