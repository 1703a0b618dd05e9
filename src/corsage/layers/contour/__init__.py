"""Contour: its HTTPProxy (read only)."""
