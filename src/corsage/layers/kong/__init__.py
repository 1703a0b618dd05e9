"""Kong: its ``cors`` plugin in Kubernetes (read only)."""
