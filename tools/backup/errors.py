class BackupError(Exception):
    """Why there is no backup, or why one cannot be restored, in a sentence for a person."""
