// Widths are counted in UTF-8 characters.
#include "daemon/ctl/table.h"

#include <algorithm>

namespace daybook::ctl {
namespace {

bool continues_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

std::size_t width(std::string_view text) {
  return text.size() - static_cast<std::size_t>(std::ranges::count_if(text, continues_character));
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // U+0080 to U+009F, the C1 controls, are 0xC2 and one byte below 0xA0.
    const bool is_c1 =
        byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (is_c1) ++i;
    if (byte < 0x20 || byte == 0x7F || is_c1)
      out += "\xEF\xBF\xBD";  // U+FFFD
    else
      out += text[i];
  }
  return out;
}

std::string shortened(std::string_view text, std::size_t columns) {
  if (width(text) <= columns) return std::string(text);
  std::size_t end = 0;
  for (std::size_t seen = 0; end < text.size(); ++end) {
    if (continues_character(text[end])) continue;
    if (++seen >= std::max<std::size_t>(columns, 1)) break;
  }
  return std::string(text.substr(0, end)) + "…";
}

void Table::add(Row row) {
  for (std::string& cell : row) cell = printable(cell);
  rows_.push_back(std::move(row));
}

void Table::print(std::ostream& out) {
  widths_.resize(header_.size());
  for (std::size_t i = 0; i < header_.size(); ++i) {
    widths_[i] = std::max(widths_[i], width(header_[i]));
    for (const Row& row : rows_) widths_[i] = std::max(widths_[i], width(row[i]));
  }
  if (!has_printed_header_) print_row(out, header_);
  has_printed_header_ = true;
  for (const Row& row : rows_) print_row(out, row);
  rows_.clear();
}

void Table::print_row(std::ostream& out, const Row& row) const {
  constexpr std::size_t kGap = 2;
  constexpr std::size_t kLastMin = 8;  // however narrow the terminal
  std::size_t used = 0;
  for (std::size_t i = 0; i + 1 < row.size(); ++i) {
    out << row[i] << std::string(widths_[i] - width(row[i]) + kGap, ' ');
    used += widths_[i] + kGap;
  }
  const std::size_t room = columns_ > used + kLastMin ? columns_ - used : kLastMin;
  out << (columns_ == 0 ? row.back() : shortened(row.back(), room)) << '\n';
}

}  // namespace daybook::ctl
