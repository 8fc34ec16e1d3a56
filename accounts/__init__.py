"""People, their log-ins and the workspaces that own everything."""
