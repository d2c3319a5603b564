"""The engines that translate: each from one language into another, segment by segment."""
