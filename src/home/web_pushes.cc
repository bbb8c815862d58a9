#include "home/web_pushes.h"

#include <algorithm>

namespace godwit::home {

void WebPushes::set_due(const Bytes& queue, Device& device, Instant due) {
  due_.erase({device.due, queue});
  device.due = due;
  if (due != kNever) due_.insert({due, queue});
}

void WebPushes::learn(const Bytes& queue, Instant now) {
  forget(queue);
  devices_[queue].not_before = now + kWebPushSpacing;
}

void WebPushes::forget(const Bytes& queue) {
  const auto found = devices_.find(queue);
  if (found == devices_.end()) return;
  set_due(queue, found->second, kNever);
  devices_.erase(found);
}

void WebPushes::wanted(const Bytes& queue, Instant now) {
  const auto found = devices_.find(queue);
  if (found == devices_.end()) return;
  Device& device = found->second;
  if (device.told || device.due != kNever) return;
  set_due(queue, device, std::max(now + kWebPushWait, device.not_before));
}

void WebPushes::seen(const Bytes& queue) {
  const auto found = devices_.find(queue);
  if (found == devices_.end()) return;
  found->second.told = false;
  set_due(queue, found->second, kNever);
}

std::optional<Bytes> WebPushes::take_due(Instant now) {
  if (next_due() > now) return std::nullopt;
  Bytes queue = due_.begin()->second;
  Device& device = devices_.at(queue);
  set_due(queue, device, kNever);
  device.told = true;
  device.not_before = now + kWebPushSpacing;
  return queue;
}

// Again by itself if the device has not been here meanwhile; else when something comes for it.
void WebPushes::try_later(const Bytes& queue, Device& device, Duration pause, Instant now) {
  device.not_before = std::max(device.not_before, now + pause);
  const bool still_wanted = device.told;
  device.told = false;
  if (still_wanted && device.failures < kWebPushTriesMax) set_due(queue, device, device.not_before);
}

void WebPushes::clock_went_back(Duration by) {
  for (auto& [queue, device] : devices_) {
    device.not_before = device.not_before - by;
    if (device.due != kNever) set_due(queue, device, device.due - by);
  }
}

bool WebPushes::finished(const Bytes& queue, const WebPushResult& result, Instant now) {
  const auto found = devices_.find(queue);
  if (found == devices_.end()) return false;
  Device& device = found->second;
  switch (result.kind) {
    case WebPushResult::Kind::kSent:
      device.failures = device.refusals = 0;
      return false;
    case WebPushResult::Kind::kBusy:
      try_later(queue, device, result.retry_after, now);
      return false;
    case WebPushResult::Kind::kGone:
      return true;
    case WebPushResult::Kind::kRefused:
      ++device.failures;
      if (++device.refusals >= kWebPushRefusalsMax) return true;
      try_later(queue, device, kWebPushRefusedPause * (int64_t{1} << device.refusals), now);
      return false;
    case WebPushResult::Kind::kLater:
      break;
  }
  const Duration pause = kWebPushPauseFirst * (int64_t{1} << std::min(device.failures, 9U));
  ++device.failures;
  try_later(queue, device, std::clamp(result.retry_after, std::min(pause, kWebPushPauseMax), kWebPushPauseMax), now);
  // After a while without any more tries the count begins anew with what comes next.
  if (device.failures >= kWebPushTriesMax) device.failures = 0;
  return false;
}

}  // namespace godwit::home
