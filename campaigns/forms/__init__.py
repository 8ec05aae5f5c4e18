"""What people fill in to plan, write, test and send."""
