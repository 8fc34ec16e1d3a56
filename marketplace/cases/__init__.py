"""Cases with KPI before and after."""
