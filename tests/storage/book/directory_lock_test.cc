#include "storage/book/directory_lock.h"

#include <gtest/gtest.h>

#include "tests/storage/samples.h"

namespace daybook {
namespace {

using test::code_of;

TEST(DirectoryLock, IsHeldByOneAtATime) {
  const test::TempDir dir;
  auto first = DirectoryLock::take(dir.path());
  ASSERT_TRUE(first);
  auto second = DirectoryLock::take(dir.path());
  ASSERT_FALSE(second);
  EXPECT_EQ(Errc::overloaded, second.error().code);
  EXPECT_NE(std::string::npos, second.error().detail.find(dir.path()));
  first->reset();
  EXPECT_EQ("ok", code_of(DirectoryLock::take(dir.path())));
}

TEST(DirectoryLock, NeedsADirectory) {
  EXPECT_EQ("io_failed", code_of(DirectoryLock::take("/proc/none")));
}

}  // namespace
}  // namespace daybook
