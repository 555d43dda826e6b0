//! A partner's own requests: what waits for them first, then their cases.

use super::partner::Partner;
use super::told::{status, told_number};
use crate::store::{PartnerCase, PortalView};
use crate::web::base::{Answer, Site};
use axum::Router;
use axum::routing::get;
use minijinja::{Value, context};
use std::collections::BTreeSet;

pub(super) fn routes() -> axum::Router<Site> {
    Router::new().route("/", get(show))
}

/// What a case's promise says: until when an answer comes, or when they hear of it again.
pub(super) fn promise(one: &PartnerCase) -> Value {
    context! {
        answer_by => one.answer_by.map(|at| at.to_string()),
        update_by => one.update_by.map(|at| at.to_string()),
    }
}

async fn show(partner: Partner) -> Answer {
    let (site, email, ids) = (&partner.who.site, &partner.who.account.email, partner.desk_ids());
    let cases = site.store().partner_cases(email, &ids).await?;
    let pendings = site.store().partner_pendings(email, &ids).await?;
    let shown = cases.iter().map(|one| &one.case.desk).chain(pendings.iter().map(|one| &one.desk));
    let shown: BTreeSet<&String> = shown.collect();
    let views = shown.iter().map(|desk| PortalView { desk, case: None, what: "list", row: None });
    partner.viewed(&views.collect::<Vec<_>>()).await?;
    let has_desks = partner.desks.len() > 1;
    let desk_of = |id: &str| partner.desks.iter().find(|desk| desk.id == id);
    let zone = |id: &str| desk_of(id).map_or("UTC", |desk| desk.calendar.zone_name()).to_owned();
    let name = |id: &str| desk_of(id).filter(|_| has_desks).map(|desk| desk.name.clone());
    let cases: Vec<Value> = cases
        .iter()
        .map(|one| {
            let (words, class) = status(one.case.status);
            context! {
                href => format!("/cases/{}/{}", one.case.desk, one.case.number),
                number => told_number(&one.case),
                subject => one.case.subject.clone(),
                desk => name(&one.case.desk),
                zone => zone(&one.case.desk),
                opened_at => one.case.opened_at.to_string(),
                is_open => one.case.is_open(),
                status => words,
                class,
                promise => promise(one),
            }
        })
        .collect();
    let pendings: Vec<Value> = pendings
        .iter()
        .map(|one| {
            context! {
                href => format!("/requests/{}/{}", one.desk, one.token),
                number => one.token.0.clone(),
                subject => one.subject.clone(),
                desk => name(&one.desk),
                zone => zone(&one.desk),
                newest_at => one.newest_at.to_string(),
            }
        })
        .collect();
    let can_ask = !partner.desks.is_empty();
    partner.who.page("portal/list.html", context! { cases, pendings, can_ask }).await
}
