// Names on the left, values on the right; objects inside are named name.inner.
#include "daemon/ctl/object_printer.h"

#include "daemon/ctl/raw_json.h"
#include "daemon/ctl/table.h"

namespace daybook::ctl {
namespace {

void collect(std::string_view object, const std::string& prefix, Table& table) {
  for (const auto& [name, value] : members(object)) {
    const std::string full = prefix + std::string(name);
    if (value.starts_with('{') && !members(value).empty())
      collect(value, full + '.', table);
    else
      table.add({full, to_text(value)});
  }
}

}  // namespace

void print_object(Context& context, std::string_view object) {
  std::ostream& out = context.streams.out;
  if (context.json) {
    out << object << '\n';
    return;
  }
  Table table({"NAME", "VALUE"}, 0);
  collect(object, "", table);
  table.print(out);
}

}  // namespace daybook::ctl
