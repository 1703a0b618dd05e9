"""What several themes use."""

from __future__ import annotations

AUTHORIZATION = ("Authorization", "Bearer x")
CUSTOM = ("X-Custom", "1")
JSON = ("Content-Type", "application/json")
PAGE = "http://localhost:18101"
TO_ITSELF = ("<here>",)
