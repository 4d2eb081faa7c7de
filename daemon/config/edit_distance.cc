// Wagner and Fischer's table, one row at a time.
#include "daemon/config/edit_distance.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

namespace daybook::config {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  constexpr std::size_t kLengthMax = 128;
  a = a.substr(0, kLengthMax);
  b = b.substr(0, kLengthMax);
  std::array<std::size_t, kLengthMax + 1> row{};  // row[j]: from the first i of `a` to j of `b`
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
    }
  }
  return row[b.size()];
}

}  // namespace daybook::config
