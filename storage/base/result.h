// A value or the Error that stands in its place. Two lines at the call, no macro:
//   auto page = read(query);
//   if (!page) return page.error();
#pragma once

#include <boost/system/result.hpp>

#include "storage/base/error.h"

namespace daybook {

template <class T>
class [[nodiscard]] Result : public boost::system::result<T, Error> {
 public:
  using boost::system::result<T, Error>::result;
};

[[noreturn]] inline void throw_exception_from_error(const Error& error,
                                                    const boost::source_location& place) {
  boost::throw_with_location(std::runtime_error(error.detail), place);
}

}  // namespace daybook
