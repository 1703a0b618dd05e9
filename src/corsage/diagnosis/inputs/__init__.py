"""What people paste: console lines, curl, DevTools copies, HAR files and bare headers.

Each module reads one form into :class:`~corsage.diagnosis.case.Case` values, and says by
``looks_like`` whether a text has its form. Nothing here raises on any text but
:class:`~corsage.diagnosis.case.InputError`.
"""
