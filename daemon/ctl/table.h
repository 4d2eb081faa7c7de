// Tables for people.
#pragma once

#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::ctl {

// Without control characters: what events hold must not steer somebody's terminal.
std::string printable(std::string_view text);

// At most `columns` characters; what is cut off ends in an ellipsis.
std::string shortened(std::string_view text, std::size_t columns);

// Rows may come in portions: columns only ever widen. The last column is not padded, and is cut to
// the terminal's width where there is one.
class Table {
 public:
  using Row = std::vector<std::string>;

  // `columns` 0: nothing is cut.
  Table(Row header, std::size_t columns) : header_(std::move(header)), columns_(columns) {}

  void add(Row row);  // as many cells as the header has; made printable here
  // Prints the rows added since the last time, at the first time under the header.
  void print(std::ostream& out);

 private:
  void print_row(std::ostream& out, const Row& row) const;

  Row header_;
  std::size_t columns_;
  std::vector<Row> rows_;
  std::vector<std::size_t> widths_;
  bool has_printed_header_ = false;
};

}  // namespace daybook::ctl
