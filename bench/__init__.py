"""The pages under load, with little and with much data, on both databases. See docs/performance.md."""
