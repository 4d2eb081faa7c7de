// Which hosts are looked up when, with a look-up of the test's own.
#include "replication/webhook/resolver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "tests/replication/webhook/hook_server.h"

namespace daybook::webhook {
namespace {

using testing::HasSubstr;

// Hosts whose names begin with "hole" are not answered before `gate` is open.
struct Names {
  Gate gate;
  std::atomic<std::size_t> looked_up{0};
};

Resolver::LookUp look_up_in(const std::shared_ptr<Names>& names) {
  return [names](const std::string& host) -> Resolved {
    ++names->looked_up;
    if (host.starts_with("hole")) names->gate.wait();
    return std::vector{*parse_address("127.0.0.1")};
  };
}

class ResolverTest : public testing::Test {
 protected:
  void TearDown() override { names_->gate.open(); }

  void ask(const std::string& host) {
    resolver_->on(io_.get_executor())(host, [this](Resolved answer) {
      (answer ? answered_ : refused_) += 1;
      if (!answer) refusal_ = answer.error().detail;
    });
  }
  void run_until_told(std::size_t count) {
    while (answered_ + refused_ < count) ASSERT_EQ(1U, io_.run_one_for(std::chrono::seconds(20)));
  }

  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
      io_.get_executor()};
  std::shared_ptr<Names> names_ = std::make_shared<Names>();
  std::optional<Resolver> resolver_{look_up_in(names_)};
  std::size_t answered_ = 0;
  std::size_t refused_ = 0;
  std::string refusal_;
};

TEST_F(ResolverTest, AHostThatDoesNotResolveHoldsNoOtherUp) {
  for (int i = 0; i < 100; ++i) ask("hole");
  ask("a");
  run_until_told(1);
  EXPECT_EQ(2U, names_->looked_up) << "a host has one look-up at a time";
  names_->gate.open();
  run_until_told(101);
  EXPECT_EQ(2U, names_->looked_up) << "whose answer is shared";
  ask("hole");
  run_until_told(102);
  EXPECT_EQ(3U, names_->looked_up) << "and not kept";
}

TEST_F(ResolverTest, RefusesMoreThanMayWaitForAHost) {
  for (std::size_t i = 0; i <= Resolver::askers_max; ++i) ask("hole");
  run_until_told(1);
  EXPECT_EQ("hole is not resolved: too many wait for it", refusal_);
  names_->gate.open();
  run_until_told(Resolver::askers_max + 1);
  EXPECT_EQ(1U, refused_);
}

TEST_F(ResolverTest, RefusesMoreHostsThanMayWait) {
  for (std::size_t i = 0; i <= Resolver::hosts_max; ++i) ask("hole" + std::to_string(i));
  run_until_told(1);
  EXPECT_EQ("hole256 is not resolved: too many hosts are", refusal_);
  names_->gate.open();
  run_until_told(Resolver::hosts_max + 1);
  EXPECT_EQ(1U, refused_);
}

TEST_F(ResolverTest, ItsEndWaitsForNoLookUp) {
  // For good: its thread ends with the process.
  const auto never = std::make_shared<Names>();
  resolver_.emplace(look_up_in(never));
  for (int i = 0; i < 10; ++i) ask("hole" + std::to_string(i));
  while (never->looked_up < Resolver::threads_count) std::this_thread::yield();
  resolver_.reset();
  io_.poll();
  EXPECT_EQ(0U, answered_ + refused_) << "what was asked is dropped";
}

TEST(LookUp, KnowsLocalhostAndWhatIsNoHost) {
  const auto found = look_up("localhost");
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->empty());
  for (const Address& address : *found)
    EXPECT_TRUE(address == *parse_address("127.0.0.1") || address == *parse_address("::1"));
  EXPECT_THAT(look_up("a b").error().detail, HasSubstr("a b cannot be resolved: "));
}

}  // namespace
}  // namespace daybook::webhook
