"""Hops in a row: who stands before whom, and what a browser sees at the end of it."""
