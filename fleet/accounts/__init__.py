"""Staff accounts, sign-ins and roles."""
