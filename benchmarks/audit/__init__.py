"""`corsage audit` beside the scanners of the Python Package Index, on one zoo of servers."""
