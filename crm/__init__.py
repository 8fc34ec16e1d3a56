"""Where the work is run: companies, deals, contracts, scopes."""
