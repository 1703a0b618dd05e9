"""The proof that :mod:`corsage.browser` agrees with real browsers: the same generated cases are
put to the model and to Chromium or Firefox, and every difference is a failure.

``python -m tests.differential --help`` runs it by hand; ``docs/browsers.md`` holds the numbers.
"""
