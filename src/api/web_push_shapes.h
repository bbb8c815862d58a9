#pragma once
// The table's part about Web Push.

#include <array>

#include "api/notice_shapes.h"
#include "engine/commands.h"
#include "engine/errors.h"
#include "engine/notices.h"

namespace godwit::api {

template <>
struct Shape<engine::WebPushTarget> {
  static constexpr std::string_view name = "web_push_target";
  static constexpr std::string_view about = "What a browser's push service has given out for this device.";
  static constexpr auto fields = fields_in_order(
      field("endpoint", &engine::WebPushTarget::endpoint, "https://..., at most 1,024 characters"),
      field("key", &engine::WebPushTarget::key, "65 bytes: what browsers call p256dh"),
      field("auth", &engine::WebPushTarget::auth, "16 bytes"),
      field("home_key", &engine::WebPushTarget::home_key, "of read_web_push, with which it was asked for"));
};

template <>
struct Shape<engine::WebPushInfo> {
  static constexpr std::string_view name = "web_push_info";
  static constexpr std::string_view about = "How the home wakes this device's browser.";
  static constexpr auto fields = fields_in_order(
      field("home_key", &engine::WebPushInfo::home_key,
            "the home's key for push services, 65 bytes: a browser's applicationServerKey; empty: the home sends no "
            "pushes"),
      field("endpoint", &engine::WebPushInfo::endpoint, "that the home has of this device; empty: none"));
};

template <>
struct Shape<engine::WebPushEnded> {
  static constexpr std::string_view name = "web_push_ended";
  static constexpr std::string_view about =
      "The home wakes this device no more: its push service does not know it, or the account lives at another home. "
      "Whoever still wants it subscribes anew.";
  static constexpr auto fields = fields_in_order();
};

template <>
struct Shape<engine::SetWebPush> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "set_web_push";
  static constexpr std::string_view about =
      "Has the home wake this device by its browser's push service when something waits and it is not connected, or not any "
      "more. Home and push service learn of each other, and the service when something comes: ask people first.";
  static constexpr auto fields =
      fields_in_order(field("subscription", &engine::SetWebPush::subscription, "null or left out: not any more"));
  static constexpr std::array errors{engine::kNoAccount, engine::kBadWebPush, engine::kNoWebPush};
};

template <>
struct Shape<engine::ReadWebPush> {
  using Answer = engine::WebPushInfo;
  static constexpr std::string_view name = "read_web_push";
  static constexpr std::string_view about =
      "Asks the home how it wakes this device's browser, and with which key it would.";
  static constexpr auto fields = fields_in_order();
  static constexpr std::array errors{engine::kNoAccount};
};

}  // namespace godwit::api
