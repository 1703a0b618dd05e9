"""The same decision inside a Python app: ASGI, WSGI, and Django by its settings.

Nothing here needs more than the standard library, but a policy file (PyYAML) and a wildcard
origin (the Public Suffix List), which come with ``pip install corsage[tools]``.
"""

from corsage.middleware.asgi import AsgiCors
from corsage.middleware.cors import Cors
from corsage.middleware.options import Options
from corsage.middleware.wsgi import WsgiCors

__all__ = ["AsgiCors", "Cors", "Options", "WsgiCors"]
