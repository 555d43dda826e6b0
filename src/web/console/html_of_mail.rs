//! HTML that came by mail, or that goes out by it, made harmless: shown only in a document of its own, in a sandbox.

/// What is left of `html` when all that could run, load or lead away is taken out of it.
pub(super) fn clean(html: &str) -> String {
    let mut cleaner = ammonia::Builder::default();
    // Nothing is fetched from anywhere: pictures go, and links are text that a reader may look at.
    cleaner.rm_tags(["img", "a", "map", "area"]);
    cleaner.add_generic_attributes(["dir", "align"]);
    format!("<!doctype html><meta charset=\"utf-8\"><title>Mail</title>{}", cleaner.clean(html))
}

#[cfg(test)]
#[test]
fn nothing_is_left_that_runs_or_loads() {
    for html in [
        "<script>x</script><p>text</p>",
        "<p onclick=x>text</p>",
        "<img src=http://example.com/x.png><p>text</p>",
        "<a href=\"javascript:x\">text</a>",
        "<style>@import url(http://example.com)</style><p>text</p>",
        "<form action=http://example.com><button>text</button></form>",
        "<svg onload=x><p>text</p></svg>",
    ] {
        let cleaned = clean(html);
        assert!(cleaned.contains("text"), "{cleaned}");
        for gone in ["<script", "onclick", "onload", "src=", "href=", "javascript:", "@import", "<form", "<svg"] {
            assert!(!cleaned.contains(gone), "{gone} in {cleaned}");
        }
    }
}
