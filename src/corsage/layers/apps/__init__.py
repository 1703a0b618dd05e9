"""Application source, read without running it: what the languages and their frameworks share.

Each language is lowered to one small tree (:mod:`~corsage.layers.apps.tree`), whose expressions
:mod:`~corsage.layers.apps.values` evaluates as far as the text shows, for any request.
"""
