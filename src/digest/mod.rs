//! A day of a desk as one mail a supervisor, and as the page Today: first what needs a decision, then the day in figures
//! against the days before. docs/digest.md defines every figure.
//!
//! | file | what it is for |
//! | --- | --- |
//! | `facts` | what the store reads |
//! | `periods` | the days that are compared |
//! | `day` | [`Day`], the whole, made from facts |
//! | `needs` | what needs a decision |
//! | `flow` | the table of the days |
//! | `times` | how long requesters waited |
//! | `people` | load, age, opportunities, whom to coach |
//! | `words`, `view` | all of it in words, ready to be printed |
//! | `chart` | lines as PNG |
//! | `sheet` | all of it as a table for spreadsheets |
//! | `recipients`, `letter` | who gets which lines; the mail |

pub mod chart;
pub mod day;
pub mod facts;
pub mod flow;
pub mod letter;
pub mod needs;
pub mod people;
pub mod periods;
pub mod recipients;
pub mod sheet;
pub mod times;
pub mod view;
pub mod words;

pub use day::{Day, Scope, Subject};
pub use view::View;
