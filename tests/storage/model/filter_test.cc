#include "storage/model/filter.h"

#include <gtest/gtest.h>

namespace daybook {
namespace {

class FilterTest : public testing::Test {
 protected:
  FilterTest() {
    event_.event_type = "order.paid";
    event_.aggregate_type = "order";
    event_.aggregate_id = "7";
    event_.correlation_id = "c";
    event_.causation_id = "d";
    event_.tags = {"red", "t:1"};
  }
  bool matches(const Filter& filter) const { return filter.matches(event_); }
  EventView event_;
};

TEST_F(FilterTest, AsksNothingAndMatchesEverything) {
  EXPECT_TRUE(Filter{}.asks_nothing());
  EXPECT_TRUE(matches({}));
  EXPECT_FALSE((Filter{.tags = {"red"}}.asks_nothing()));
}

TEST_F(FilterTest, EveryNameMustBeTheEvents) {
  EXPECT_TRUE(matches({.aggregate_type = "order",
                       .aggregate_id = "7",
                       .correlation_id = "c",
                       .causation_id = "d"}));
  EXPECT_FALSE(matches({.aggregate_type = "orde"}));
  EXPECT_FALSE(matches({.aggregate_id = "70"}));
  EXPECT_FALSE(matches({.correlation_id = "d"}));
  EXPECT_FALSE(matches({.causation_id = "c"}));
}

TEST_F(FilterTest, AnEventWithoutCorrelationMatchesNoCorrelation) {
  event_.correlation_id = {};
  EXPECT_FALSE(matches({.correlation_id = "c"}));
  EXPECT_TRUE(matches({}));
}

TEST_F(FilterTest, EventTypesAreAlternatives) {
  EXPECT_TRUE(matches({.event_types = {"x", "order.paid"}}));
  EXPECT_FALSE(matches({.event_types = {"order"}}));
}

TEST_F(FilterTest, AStarAtTheEndStandsForTheRest) {
  EXPECT_TRUE(type_matches("order.*", "order.paid"));
  EXPECT_TRUE(type_matches("*", "order.paid"));
  EXPECT_TRUE(type_matches("order.paid*", "order.paid"));
  EXPECT_FALSE(type_matches("order.*", "order"));
  EXPECT_FALSE(type_matches("o*r.paid", "order.paid"));
}

TEST_F(FilterTest, TagsMustAllBeThere) {
  EXPECT_TRUE(matches({.tags = {"t:1", "red"}}));
  EXPECT_FALSE(matches({.tags = {"red", "blue"}}));
  EXPECT_FALSE(matches({.tags = {"t"}}));
}

TEST_F(FilterTest, OneItemIsEnough) {
  const FilterItem wrong{.event_types = {"order.paid"}, .tags = {"blue"}};
  const FilterItem right{.event_types = {"x", "order.*"}, .tags = {"red"}};
  EXPECT_TRUE(matches({.items = {wrong, right}}));
  EXPECT_FALSE(matches({.items = {wrong}}));
  EXPECT_TRUE(matches({.items = {wrong, {}}}));
}

TEST_F(FilterTest, ItemsAndTheRestMustBothHold) {
  EXPECT_FALSE(matches({.aggregate_id = "8", .items = {{.tags = {"red"}}}}));
  EXPECT_FALSE(matches({.tags = {"red"}, .items = {{.tags = {"blue"}}}}));
}

}  // namespace
}  // namespace daybook
