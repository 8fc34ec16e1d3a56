"""The in-app inbox and what each person wants to hear of."""
