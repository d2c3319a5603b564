"""Web plumbing shared by the deployables; offline code never imports it."""
