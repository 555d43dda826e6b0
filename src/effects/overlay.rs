//! What earlier effects of the same batch change in a standing that was read before them.

use super::Effects;
use crate::case::standing::{Lookups, Standing};

/// Changes `standing` as if `before` had been committed before it was read.
pub fn overlay(standing: &mut Standing, lookups: &Lookups, before: &[Effects]) {
    let _ = (standing, lookups, before);
    todo!()
}
