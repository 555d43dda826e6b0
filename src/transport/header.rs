//! Header values that hold nothing but what they should: no CR, LF or control character gets through here.
