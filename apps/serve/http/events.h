// Events: what happens, told to every page that listens, as server-sent events.
//
// What is told waits for each listener until it has been sent: at most 256 events, and 4 MB. Who
// falls behind further is dropped, and what waited for it with it: a listener that is slow costs
// events, never memory. A browser comes back by itself, and asks anew what there is.
//
// Threads: all of it may be called from any; publish never waits for a listener.
// Source   HTML Standard, section "Server-sent events".
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace fovea::serve {

/// See the head of this file.
class Events {
 public:
  /// An event as it goes over the wire; all listeners have the same bytes.
  using Event = std::shared_ptr<const std::string>;
  /// Called from whoever publishes, and must not wait: there is something for a listener to take,
  /// or it has been dropped.
  using Wake = std::function<void()>;

  static constexpr std::size_t kMostWaiting = 256;           ///< events, for one listener
  static constexpr std::size_t kMostWaitingBytes = 4 << 20;  ///< of these

  /// Tells every listener.
  void publish(const std::string& name, const std::string& json);
  /// How many listen: what nobody sees need not be computed.
  std::size_t listeners() const;

  /// Adds a listener, and returns its number. It is woken at the first event.
  std::size_t listen(Wake wake);
  /// Takes one out; after that it is not woken any more.
  void leave(std::size_t number);
  /// Whether it still listens: it was not dropped.
  bool hears(std::size_t number) const;
  /// The next event for a listener; where there is none, nothing, and it is woken at the next one.
  Event next(std::size_t number);

 private:
  struct Listener {
    Wake wake;
    std::deque<Event> waiting = {};
    std::size_t bytes = 0;  // of what waits
    bool is_asleep = true;  // is woken at the next event
    bool takes(std::size_t more) const;
  };

  mutable std::mutex mutex_;
  std::map<std::size_t, Listener> listeners_;
  std::size_t next_ = 0;
};

}  // namespace fovea::serve
