"""What survives the loss of a region."""
