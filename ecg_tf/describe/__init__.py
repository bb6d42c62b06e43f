"""Pictures and tables of records and networks."""
