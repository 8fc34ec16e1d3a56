"""Where specialists and businesses find each other: profiles, cases, briefs, offers."""
