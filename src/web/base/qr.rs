//! A QR code as the path of an SVG that stands in the page itself: no script and no other file, so that the pages' content
//! policy need not be loosened for it.

use qrcodegen::{QrCode, QrCodeEcc};
use std::fmt::Write;

/// The quiet margin (ISO/IEC 18004, section 9.1), in modules.
const MARGIN: i32 = 4;

/// A picture, dark on light.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QrPicture {
    /// Its width and height in modules, with the margin.
    pub side: i32,
    /// The dark modules, as the `d` of a path: a stroke a run.
    pub path: String,
}

/// The picture of a text; `None`: it is too long for one.
pub fn picture(text: &str) -> Option<QrPicture> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let run = (x..code.size()).take_while(|x| code.get_module(*x, y)).count();
            let run = i32::try_from(run).ok()?;
            if run > 0 {
                write!(path, "M{} {}h{run}v1h-{run}z", x + MARGIN, y + MARGIN).ok()?;
            }
            x += run.max(1);
        }
    }
    Some(QrPicture { side: code.size() + 2 * MARGIN, path })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The modules of a path, drawn.
    fn drawn(picture: &QrPicture) -> Vec<(i32, i32)> {
        let runs = picture.path.split('M').skip(1).map(|run| {
            let (x, rest) = run.split_once(' ').unwrap();
            let (y, rest) = rest.split_once('h').unwrap();
            let (length, _) = rest.split_once('v').unwrap();
            (x.parse::<i32>().unwrap(), y.parse::<i32>().unwrap(), length.parse::<i32>().unwrap())
        });
        runs.flat_map(|(x, y, length)| (x..x + length).map(move |x| (x, y))).collect()
    }

    #[test]
    fn the_picture_has_the_modules_of_the_code_and_a_margin() {
        for text in ["a", "otpauth://totp/mailclerk:jo%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"] {
            let code = QrCode::encode_text(text, QrCodeEcc::Medium).unwrap();
            let picture = picture(text).unwrap();
            assert_eq!(picture.side, code.size() + 8);
            let places = (0..code.size()).flat_map(|y| (0..code.size()).map(move |x| (x, y)));
            let dark = places.filter(|(x, y)| code.get_module(*x, *y)).map(|(x, y)| (x + 4, y + 4));
            assert_eq!(drawn(&picture), dark.collect::<Vec<_>>());
        }
        assert_eq!(picture(&"x".repeat(10_000)), None);
    }
}
