"""Both sides of every comparison in one run. ``python -m benchmarks`` runs them all."""
