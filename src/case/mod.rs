//! A case: its status, its events, its clocks and the lawful steps between them.
