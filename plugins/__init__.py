"""What brings Examkit into the programs that examiners write in."""
