//! Files that were made for a mail: a picture in its HTML, a table beside it. They are kept with the mail itself, so that
//! it is byte for byte the same whenever it is sent.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A file that was made for a mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Generated {
    /// The file name that it goes out with.
    pub name: String,
    /// `type/subtype`.
    pub content_type: String,
    /// The content; in a row as base64.
    #[serde(serialize_with = "to_base64", deserialize_with = "from_base64")]
    pub content: Vec<u8>,
    /// Of what stands in the HTML: its Content-ID (RFC 2392), without brackets. Other files are attached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_id: Option<String>,
}

fn to_base64<S: Serializer>(content: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&STANDARD.encode(content))
}

fn from_base64<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    STANDARD.decode(text).map_err(|_| D::Error::custom("a file that was made for a mail is no base64"))
}
