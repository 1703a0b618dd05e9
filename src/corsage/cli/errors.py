"""The one error that a verb raises on purpose."""


class UsageError(Exception):
    """The command was misused or an input could not be read; the message says what to do.

    Printed without a traceback; the exit code is 2.
    """
