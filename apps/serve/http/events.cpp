#include "apps/serve/http/events.h"

#include <utility>

namespace fovea::serve {

namespace {

/// A line of its own for each line of the data, of which the browser makes lines again.
std::string as_sent(const std::string& name, const std::string& json) {
  std::string event = "event: " + name + "\ndata: ";
  for (const char c : json) {
    event += c;
    if (c == '\n') event += "data: ";
  }
  return event + "\n\n";
}

}  // namespace

bool Events::Listener::takes(std::size_t more) const {
  return waiting.size() < kMostWaiting && (waiting.empty() || bytes + more <= kMostWaitingBytes);
}

void Events::publish(const std::string& name, const std::string& json) {
  const auto event = std::make_shared<const std::string>(as_sent(name, json));
  const std::scoped_lock lock(mutex_);
  for (auto at = listeners_.begin(); at != listeners_.end();) {
    Listener& listener = at->second;
    if (!listener.takes(event->size())) {
      const Wake wake = std::move(listener.wake);
      at = listeners_.erase(at);
      wake();
      continue;
    }
    listener.waiting.push_back(event);
    listener.bytes += event->size();
    if (std::exchange(listener.is_asleep, false)) listener.wake();
    ++at;
  }
}

std::size_t Events::listeners() const {
  const std::scoped_lock lock(mutex_);
  return listeners_.size();
}

std::size_t Events::listen(Wake wake) {
  const std::scoped_lock lock(mutex_);
  listeners_.emplace(next_, Listener{.wake = std::move(wake)});
  return next_++;
}

void Events::leave(std::size_t number) {
  const std::scoped_lock lock(mutex_);
  listeners_.erase(number);
}

bool Events::hears(std::size_t number) const {
  const std::scoped_lock lock(mutex_);
  return listeners_.contains(number);
}

Events::Event Events::next(std::size_t number) {
  const std::scoped_lock lock(mutex_);
  const auto found = listeners_.find(number);
  if (found == listeners_.end()) return nullptr;
  Listener& listener = found->second;
  if (listener.waiting.empty()) {
    listener.is_asleep = true;
    return nullptr;
  }
  Event event = std::move(listener.waiting.front());
  listener.waiting.pop_front();
  listener.bytes -= event->size();
  return event;
}

}  // namespace fovea::serve
