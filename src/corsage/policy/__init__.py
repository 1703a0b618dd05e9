"""What you mean: the policy file, its model, and the decision compiled from it."""
