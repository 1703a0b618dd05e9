"""Asking what is really deployed. The only room, besides the gateway, that does I/O."""
