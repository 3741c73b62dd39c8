"""Checking results: the claims of the paper, the numbers on pages, and the committed reference."""
