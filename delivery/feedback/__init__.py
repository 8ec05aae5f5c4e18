"""What comes back: reading bounces and complaints, finding whose message it was, judging what they add up to."""
