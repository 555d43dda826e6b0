//! A day of a desk as one mail that a supervisor can trust: what needs a decision first, then the day in figures.
