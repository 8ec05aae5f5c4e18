"""What the world's DNS says about the domains we send from, judged as receivers judge it."""
