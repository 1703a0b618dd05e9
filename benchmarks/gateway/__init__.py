"""What one policy at the edge costs, beside the ways in which it is done by hand."""
