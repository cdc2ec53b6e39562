"""Whether Mien holds what its ledger says: frames recounted by another process, and the old way beside it."""
