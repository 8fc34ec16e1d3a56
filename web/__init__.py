"""HTTP plumbing shared by every door: sessions of the database, forms, answers, errors."""
