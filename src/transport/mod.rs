//! Where mail goes: SMTP or a folder of `.eml` files.
