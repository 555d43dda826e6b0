//! The overlay of a batch is what a read after its commit gives.
