//! Reading a request, and the one ordered list of rules that decides.
