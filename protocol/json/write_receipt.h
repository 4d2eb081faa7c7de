// What an append answers.
#pragma once

#include <string>

#include "storage/model/command.h"

namespace daybook::json {

// {"first_offset":42,"last_offset":43,"replayed":false,"durability":"fsync","events":[…]}
void append_receipt(std::string& out, const Receipt& receipt);

// The same without braces, to stand among other members.
void append_receipt_members(std::string& out, const Receipt& receipt);

}  // namespace daybook::json
