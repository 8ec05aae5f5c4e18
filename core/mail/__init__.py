"""The local mail catcher: what a development machine "sends" ends here and can be read and clicked in the browser."""
