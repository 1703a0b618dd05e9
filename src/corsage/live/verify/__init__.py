"""Is what is deployed what the policy means? Only :mod:`~corsage.live.verify.ask` and
:mod:`~corsage.live.verify.watch` do I/O; what to ask, what differs and why are values."""

from corsage.live.verify.run import Round, Scope, Target, Verifier

__all__ = ["Round", "Scope", "Target", "Verifier"]
