#include "storage/plan.h"

#include "tests/storage/store_fixture.h"

namespace daybook {
namespace {

using namespace test;

class PlanTest : public StoreTest {
 protected:
  PlanTest() {
    // In the index and in the window, one of each.
    append_events(16, {.event_type = "order.placed", .aggregate_type = "order"});
    post();
    append_events(1, {.event_type = "order.paid", .aggregate_type = "cart"});
  }
  Plan plan(const Filter& filter) {
    auto planned = plan_for(filter, &store_->index(), store_->window().view());
    EXPECT_TRUE(planned);
    return *planned;
  }
};

using Terms = std::vector<std::string>;

TEST_F(PlanTest, AnythingElseThanANameReadsTheWholeLog) {
  EXPECT_TRUE(plan({}).reads_whole_log());
  EXPECT_EQ("log", plan({}).index);
  EXPECT_FALSE(plan({.tags = {"t"}}).reads_whole_log());
}

TEST_F(PlanTest, TheNarrowestIsPicked) {
  Filter filter{.aggregate_type = "order",
                .aggregate_id = "1",
                .event_types = {"order.paid"},
                .tags = {"t", "u"},
                .correlation_id = "c",
                .causation_id = "d",
                .items = {{.tags = {"i"}}}};
  EXPECT_EQ("aggregate", plan(filter).index);
  EXPECT_EQ((Terms{aggregate_term("order", "1")}), plan(filter).terms);
  filter.aggregate_type.clear();
  EXPECT_EQ("correlation_id", plan(filter).index);
  filter.correlation_id.clear();
  EXPECT_EQ("causation_id", plan(filter).index);
  filter.causation_id.clear();
  EXPECT_EQ("aggregate_id", plan(filter).index);
  filter.aggregate_id.clear();
  EXPECT_EQ("tag", plan(filter).index);
  EXPECT_EQ((Terms{term(TermKind::tag, "t")}), plan(filter).terms);
  filter.tags.clear();
  EXPECT_EQ("event_type", plan(filter).index);
  filter.event_types.clear();
  EXPECT_EQ("items", plan(filter).index);
  EXPECT_EQ((Terms{term(TermKind::tag, "i")}), plan(filter).terms);
  filter.items.clear();
  EXPECT_TRUE(plan(filter).reads_whole_log());
  filter.aggregate_type = "order";
  EXPECT_EQ("aggregate_type", plan(filter).index);
}

TEST_F(PlanTest, AnIdAloneIsOfEveryTypeInIndexAndWindow) {
  EXPECT_EQ((Terms{aggregate_term("cart", "1"), aggregate_term("order", "1")}),
            plan({.aggregate_id = "1"}).terms);
  EXPECT_TRUE(plan({.aggregate_id = "none"}).terms.empty());
}

TEST_F(PlanTest, APrefixIsEveryTypeInIndexAndWindow) {
  const Terms both = {term(TermKind::event_type, "order.paid"),
                      term(TermKind::event_type, "order.placed")};
  EXPECT_EQ(both, plan({.event_types = {"order.*"}}).terms);
  EXPECT_EQ(both, plan({.event_types = {"order.p*", "order.paid"}}).terms);
  EXPECT_TRUE(plan({.event_types = {"none.*"}}).terms.empty());
  EXPECT_FALSE(plan({.event_types = {"none.*"}}).reads_whole_log());
}

TEST_F(PlanTest, AnItemThatMatchesEverythingNeedsTheWholeLog) {
  EXPECT_TRUE(plan({.items = {{.tags = {"t"}}, {}}}).reads_whole_log());
}

TEST_F(PlanTest, ItemsAreTheUnionOfWhatEachNeeds) {
  EXPECT_EQ((Terms{term(TermKind::event_type, "x"), term(TermKind::tag, "t")}),
            plan({.items = {{.event_types = {"y"}, .tags = {"t"}}, {.event_types = {"x"}}}}).terms);
}

TEST_F(PlanTest, TooManyTypesUnderOnePrefixReadTheWholeLog) {
  for (int i = 0; i < 300; i += 10) {
    Request request;
    for (int j = i; j < i + 10; ++j)
      request.events.push_back({.event_type = "many." + std::to_string(j)});
    ASSERT_EQ("ok", code_of(append(request)));
  }
  EXPECT_TRUE(plan({.event_types = {"many.*"}}).reads_whole_log());
  EXPECT_EQ("aggregate_type", plan({.aggregate_type = "thing", .event_types = {"many.*"}}).index);
  EXPECT_EQ(300u, read({.filter = {.event_types = {"many.*"}}, .limit = 1000})->events.size());
}

TEST_F(PlanTest, WithoutTheIndexOnlyTheWindowIsAsked) {
  auto planned = plan_for({.event_types = {"order.*"}}, nullptr, store_->window().view());
  ASSERT_TRUE(planned);
  EXPECT_EQ(
      (Terms{term(TermKind::event_type, "order.paid"), term(TermKind::event_type, "order.placed")}),
      planned->terms)
      << "one posted chunk is still in the window";
}

}  // namespace
}  // namespace daybook
