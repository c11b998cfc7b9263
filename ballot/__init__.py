"""What a hall decides and how it is counted: pure rules over integers (DESIGN §7). No SQL, no clock."""
