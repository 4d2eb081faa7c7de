// Dead letters as they are shown, and what became of commands about them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "storage/model/dead_letter.h"

namespace daybook::json {

// {"offset","event","attempts","retried","retrying","held","died_at","failures":[…]}
void append_dead_letter(std::string& out, const EventView& event,
                        const DeadLetterPage::Facts& facts);

// "[…,…]"
void append_dead_letters(std::string& out, const DeadLetterPage& page);

// {"dead_letters":[…],"next_after":N}
void append_dead_letter_page(std::string& out, const DeadLetterPage& page);

// {"retried":N,"refused":[{"offset","code":"not_found"}],"next_after":N}; `verb` is "retried" or
// "discarded".
void append_changed(std::string& out, std::string_view verb, const DeadLettersChanged& changed);

// What stands before the value, and the offset or null.
void append_offset_or_null(std::string& out, std::string_view before, std::optional<Offset> offset);

}  // namespace daybook::json
