//! A small model of our own: multinomial naive Bayes over single words and pairs of words.
//!
//! It is trained at first use on the sentences in `training/scope/train.tsv`, which takes milliseconds and gives the
//! same model every time. It only ever turns a redirect or a rejection into an acceptance; the rules stand without it.

use super::folding::folded;
use std::collections::HashMap;
use std::sync::LazyLock;

/// What the model tells apart: work for a desk, something out of scope, and context or courtesy.
const CLASSES: [&str; 3] = ["in", "out", "context"];

const TRAINING: &str = include_str!("../../../training/scope/train.tsv");

static MODEL: LazyLock<Model> = LazyLock::new(|| Model::trained(TRAINING));

/// How probable it is that `sentence` asks for work that the desk does; 0.0 where the model knows too few of its words.
pub fn work(sentence: &str) -> f64 {
    MODEL.probability(sentence, 0)
}

/// How probable it is that `sentence` only tells context.
pub fn context(sentence: &str) -> f64 {
    MODEL.probability(sentence, 2)
}

#[derive(Debug, Default)]
struct Model {
    /// Logarithm of each class's share of the sentences.
    priors: [f64; 3],
    /// Logarithm of each feature's share in each class.
    features: HashMap<String, [f64; 3]>,
}

/// Fewer known words than this, and the model has no opinion.
const KNOWN_AT_LEAST: usize = 3;

impl Model {
    fn trained(tsv: &str) -> Self {
        let mut counts: HashMap<String, [f64; 3]> = HashMap::new();
        let mut totals = [0.0; 3];
        let mut sentences = [0.0; 3];
        for (label, text) in tsv.lines().filter_map(|line| line.split_once('\t')) {
            let Some(class) = CLASSES.iter().position(|known| *known == label) else { continue };
            add(&mut sentences, class, 1.0);
            for feature in features(text) {
                add(counts.entry(feature).or_default(), class, 1.0);
                add(&mut totals, class, 1.0);
            }
        }
        let all: f64 = sentences.iter().sum::<f64>().max(1.0);
        let many = f64::from(u32::try_from(counts.len()).unwrap_or(u32::MAX)).max(1.0);
        let share = |count: [f64; 3]| {
            zip(count, totals, |count, total| ((count + SMOOTHING) / (total + SMOOTHING * many)).ln())
        };
        Self {
            priors: sentences.map(|count| ((count + 1.0) / (all + 3.0)).ln()),
            features: counts.into_iter().map(|(feature, count)| (feature, share(count))).collect(),
        }
    }

    fn probability(&self, text: &str, class: usize) -> f64 {
        let mut scores = self.priors;
        let mut known = 0;
        for feature in features(text) {
            let Some(shares) = self.features.get(&feature) else { continue };
            known += usize::from(!feature.contains(' '));
            scores = zip(scores, *shares, |score, share| score + share);
        }
        if known < KNOWN_AT_LEAST {
            return 0.0;
        }
        let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let parts = scores.map(|score| (score - most).exp());
        parts.get(class).copied().unwrap_or(0.0) / parts.iter().sum::<f64>()
    }
}

/// Counts that are added to every feature, so that a rare one does not decide alone.
const SMOOTHING: f64 = 0.5;

fn add(counts: &mut [f64; 3], class: usize, amount: f64) {
    if let Some(count) = counts.get_mut(class) {
        *count += amount;
    }
}

fn zip(one: [f64; 3], other: [f64; 3], with: impl Fn(f64, f64) -> f64) -> [f64; 3] {
    let ([a, b, c], [x, y, z]) = (one, other);
    [with(a, x), with(b, y), with(c, z)]
}

/// Single words and pairs of neighbours; numbers are one word.
fn features(text: &str) -> Vec<String> {
    let words: Vec<String> = folded(text)
        .into_iter()
        .map(|word| if word.starts_with(|c: char| c.is_ascii_digit()) { "0".to_owned() } else { word })
        .collect();
    let pairs = words.iter().zip(words.iter().skip(1)).map(|(one, other)| format!("{one} {other}"));
    let pairs: Vec<String> = pairs.collect();
    words.into_iter().chain(pairs).collect()
}
