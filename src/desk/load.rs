//! Reading a policy file and checking it: strict, with file, line, reason and remedy.
