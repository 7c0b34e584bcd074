#include "apps/serve/http/events.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace fovea::serve {
namespace {

TEST(Events, WaitForEachListenerInTheirOrder) {
  Events events;
  int woken = 0;
  events.publish("step", "{}");  // nobody listens
  const std::size_t one = events.listen([&] { ++woken; });
  const std::size_t other = events.listen([] {});
  EXPECT_EQ(events.listeners(), 2U);
  EXPECT_EQ(events.next(one), nullptr);
  events.publish("step", "1");
  events.publish("epoch", "2\n3");
  EXPECT_EQ(woken, 1) << "once, until it has taken all";
  EXPECT_EQ(*events.next(one), "event: step\ndata: 1\n\n");
  EXPECT_EQ(*events.next(one), "event: epoch\ndata: 2\ndata: 3\n\n");
  EXPECT_EQ(events.next(one), nullptr);
  events.publish("step", "4");
  EXPECT_EQ(woken, 2);
  EXPECT_EQ(*events.next(other), "event: step\ndata: 1\n\n");
  events.leave(one);
  events.publish("step", "5");
  EXPECT_EQ(woken, 2);
  EXPECT_FALSE(events.hears(one));
  EXPECT_EQ(events.next(one), nullptr);
  EXPECT_EQ(events.listeners(), 1U);
}

TEST(Events, DropWhoFallsBehind) {
  Events events;
  int woken = 0;
  const std::size_t slow = events.listen([&] { ++woken; });
  const std::size_t quick = events.listen([] {});
  for (std::size_t i = 0; i < Events::kMostWaiting; ++i) {
    events.publish("step", std::to_string(i));
    EXPECT_NE(events.next(quick), nullptr);
  }
  EXPECT_TRUE(events.hears(slow));
  events.publish("step", "one more");
  EXPECT_FALSE(events.hears(slow));
  EXPECT_EQ(woken, 2) << "at the first event, and when it was dropped";
  EXPECT_EQ(events.next(slow), nullptr);
  EXPECT_TRUE(events.hears(quick));
  EXPECT_EQ(events.listeners(), 1U);
}

TEST(Events, DropWhoLeavesTooMuch) {
  Events events;
  const std::size_t slow = events.listen([] {});
  const std::string half(Events::kMostWaitingBytes / 2, 'x');
  events.publish("maps", half);
  EXPECT_TRUE(events.hears(slow));
  events.publish("maps", half);
  EXPECT_FALSE(events.hears(slow));
  const std::size_t other = events.listen([] {});
  events.publish("maps", half + half);
  EXPECT_TRUE(events.hears(other)) << "one event may be as large as it is";
  EXPECT_NE(events.next(other), nullptr);
  events.publish("maps", half);
  EXPECT_TRUE(events.hears(other)) << "what was taken counts no more";
}

TEST(Events, AreToldFromAnyThread) {
  Events events;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&events] {
      for (int i = 0; i < 500; ++i) {
        const std::size_t listener = events.listen([] {});
        events.publish("step", "{}");
        // Dropped, if the others have told so much meanwhile.
        EXPECT_TRUE(events.next(listener) || !events.hears(listener));
        events.leave(listener);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(events.listeners(), 0U);
}

}  // namespace
}  // namespace fovea::serve
