"""Front ends and services that meet in four ways; every one runs."""
