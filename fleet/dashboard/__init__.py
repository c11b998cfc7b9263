"""The live page: one state of the hall, shared by everybody who watches."""
