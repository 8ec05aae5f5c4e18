"""Pure statistics: numbers in, frozen results out; no database, no clock. Each formula names its source."""
