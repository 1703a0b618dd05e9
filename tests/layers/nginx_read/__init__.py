"""Reading nginx, against the real one."""
