"""A flower shop: three front ends, six services, one gateway. ``python -m examples.shop``."""
