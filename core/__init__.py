"""The ground: settings, database, states, events, jobs. No HTTP and no nouns of the trade."""
