//! Cases of the split, and properties that hold for any text.
