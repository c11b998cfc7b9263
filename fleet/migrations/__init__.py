"""Schema versions of the fleet's store, in order. `fleet.db.upgrade` runs them."""
