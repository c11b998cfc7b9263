"""The ledger of consents to a face reference: who agreed to which text, how, and when they withdrew."""
