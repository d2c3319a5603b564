"""What examiners decided: kept safely, given out for training, removed on request."""
