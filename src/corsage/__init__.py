"""Corsage: one CORS policy for all your services.

Rooms, from the bottom up: :mod:`corsage.browser` (what a browser does), :mod:`corsage.policy`
(what you mean), :mod:`corsage.layers` (what each product does), :mod:`corsage.chain` (hops in a
row), :mod:`corsage.check` (findings), :mod:`corsage.gateway` (run it), :mod:`corsage.cli`.
"""

__version__ = "0.1.0"
