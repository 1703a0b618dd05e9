"""Real Chromium on the shop's pages.

A package, so that the browser ends with it: while Playwright runs, no other test can run an event
loop of its own.
"""
