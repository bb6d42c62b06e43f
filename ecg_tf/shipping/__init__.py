"""Making a finished run a shipped network: its weights as float16, its card, the tables of both."""
