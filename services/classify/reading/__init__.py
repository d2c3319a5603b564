"""Documents that examiners have on their disks, read for classification."""
