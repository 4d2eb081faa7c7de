// What PostgreSQL cannot hold in a jsonb, found without asking it: what it refuses stops a COPY,
// and finding the row that did it costs a transaction for each half.
#pragma once

#include <string>
#include <string_view>

namespace daybook::postgres {

// `json`: text that `json::minify` has passed. Empty: it can be held. Else why not and at which
// byte, for a person. Looked for are
//
//   \u0000, and \ud800 to \udfff outside of a pair
//   a number that numeric cannot hold: more than 131,072 digits before the point or 16,383 behind
//   it, written out without its exponent, or an exponent beyond ±1,073,741,822
//
// Its other limits are out of reach: jsonb takes 13,000 levels with the stack that PostgreSQL has
// by default, and `minify` 1024; and 8,388,608 members or 256 MiB, of which 16 MiB of text, the
// most that `limits.event_bytes_max` can be, make less than half. A server that was given a
// smaller stack refuses by itself.
std::string jsonb_refusal(std::string_view json);

}  // namespace daybook::postgres
