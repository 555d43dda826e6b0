//! How far a case has come: whether its number is told, which steps of the ladder it climbed, and the stages that are
//! worked out from that.

use super::Case;
use crate::desk::{Desk, DoneBy, Stage, Step, StepTo};
use crate::words::{Status, word_enum};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How far a case has come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Course {
    /// An inquiry: nobody outside knows that it has a number, and the first answer closes it.
    pub is_inquiry: bool,
    /// The steps that it climbed, oldest first.
    pub steps: Vec<StepTaken>,
    /// When its requester first asked for a supervisor.
    pub asked_at: Option<Timestamp>,
    /// A mail told its requester the number.
    pub number_told: bool,
    /// A mail told its requester until when it is worked on.
    pub time_told: bool,
    /// A member of staff noted a comment.
    pub commented: bool,
    /// A specialist's answer went to its requester.
    pub answered: bool,
    /// The lists on which it stands, by id.
    pub lists: Vec<String>,
}

/// A step that a case climbed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepTaken {
    /// The step's id.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// Because of whom or what.
    pub by: StepBy,
    /// When staff told the requester what came of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewed_at: Option<Timestamp>,
}

word_enum! {
    /// Why a step was taken.
    StepBy {
        /// The requester asked for a supervisor.
        Requester = "requester",
        /// A member of staff escalated it.
        Staff = "staff",
        /// It stayed unresolved for too long.
        Time = "time",
    }
}

impl Course {
    /// Whether nothing has happened yet.
    pub fn is_at_its_beginning(&self) -> bool {
        *self == Self::default()
    }

    /// Since when its requester waits to hear what came of a step.
    pub fn unreviewed_since(&self) -> Option<Timestamp> {
        self.steps.iter().filter(|step| step.reviewed_at.is_none()).map(|step| step.at).min()
    }

    /// Whether this step was taken.
    pub fn has_taken(&self, step: &str) -> bool {
        self.steps.iter().any(|taken| taken.id == step)
    }
}

impl Case {
    /// The place of the step on which it stands: the farthest that it climbed, or the one on which every case begins.
    pub fn step_place(&self, desk: &Desk) -> Option<usize> {
        let climbed = self.course.steps.iter().filter_map(|taken| desk.ladder.place(&taken.id)).max();
        climbed.or_else(|| desk.ladder.first())
    }

    /// The step on which it stands.
    pub fn step<'a>(&self, desk: &'a Desk) -> Option<&'a Step> {
        self.step_place(desk).and_then(|place| desk.ladder.steps.get(place))
    }

    /// The step that comes next.
    pub fn next_step<'a>(&self, desk: &'a Desk) -> Option<&'a Step> {
        desk.ladder.steps.get(self.step_place(desk).map_or(0, |place| place.saturating_add(1)))
    }

    /// The place of the next step on which a supervisor is told.
    pub fn supervisors_step(&self, desk: &Desk) -> Option<usize> {
        let at = self.step_place(desk);
        let ahead = desk.ladder.steps.iter().enumerate().filter(|(place, _)| at.is_none_or(|at| *place > at));
        ahead.filter(|(_, step)| step.to == StepTo::Supervisor).map(|(place, _)| place).next()
    }

    /// The stages of the desk, each with whether it is done.
    pub fn stages<'a>(&self, desk: &'a Desk) -> Vec<(&'a Stage, bool)> {
        desk.stages.iter().map(|stage| (stage, self.is_done(&stage.done_by))).collect()
    }

    fn is_done(&self, done_by: &DoneBy) -> bool {
        let course = &self.course;
        match done_by {
            DoneBy::Given(field) => self.fields().get(field).is_some_and(|value| !value.trim().is_empty()),
            DoneBy::Escalated => course.asked_at.is_some() || !course.steps.is_empty(),
            DoneBy::Opened => !course.is_inquiry,
            DoneBy::NumberTold => course.number_told && !course.is_inquiry,
            DoneBy::TimeTold => course.time_told,
            DoneBy::Commented => course.commented,
            DoneBy::Answered => course.answered,
            DoneBy::Resolved => self.status == Status::Resolved,
        }
    }
}
