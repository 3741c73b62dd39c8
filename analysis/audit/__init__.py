"""Checking results: the claims of the paper, and the committed reference."""
