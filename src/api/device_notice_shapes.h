#pragma once
// The table's part about the devices of one's own account: answers, notices and records. Included by notice_shapes.h.

#include "api/shapes.h"
#include "engine/notices.h"

namespace godwit::api {

inline constexpr Scalar kDeviceIdScalar{"device_id", "string", "a device of one's own account: 64 hexadecimal digits"};

template <>
struct Shape<engine::LinkingOffered> {
  static constexpr std::string_view name = "linking_offered";
  static constexpr std::string_view about = "An offer to link a device.";
  static constexpr auto fields = fields_in_order(
      field("link", &engine::LinkingOffered::link, "of an offer by link; secret until it was used"),
      field("code", &engine::LinkingOffered::code, "of an offer by code: twelve digits in groups of four"),
      field("home_link", &engine::LinkingOffered::home_link,
            "of an offer by code: what is needed beside it; no secret"),
      field("ends_at", &engine::LinkingOffered::ends_at, "until when it is good"));
};

template <>
struct Shape<engine::DeviceLinked> {
  static constexpr std::string_view name = "device_linked";
  static constexpr std::string_view about = "This profile is a device of the account now.";
  static constexpr auto fields =
      fields_in_order(field("account", &engine::DeviceLinked::account, "whose"),
                      field("name", &engine::DeviceLinked::name, "as others see the person"));
};

template <>
struct Shape<engine::DeviceInfo> {
  static constexpr std::string_view name = "device";
  static constexpr std::string_view about = "One device of one's own account.";
  static constexpr auto fields = fields_in_order(
      field("device", &engine::DeviceInfo::device, "which"),
      field("name", &engine::DeviceInfo::name, "as own devices show it"),
      field("own", &engine::DeviceInfo::own, "true: this one"),
      field("changing", &engine::DeviceInfo::changing, "true: it is being added or removed"),
      field("added_at", &engine::DeviceInfo::added_at, "when it came in"),
      field("seen_at", &engine::DeviceInfo::seen_at, "when something last came from it; null: never, or this one"));
};

template <>
struct Shape<engine::OwnDevices> {
  static constexpr std::string_view name = "own_devices";
  static constexpr std::string_view about = "The devices of one's own account.";
  static constexpr auto fields =
      fields_in_order(field("devices", &engine::OwnDevices::devices, "all of them"),
                      field("chats_to_heal", &engine::OwnDevices::chats_to_heal,
                            "in how many chats a device is still to be added or removed"),
                      field("histories_to_send", &engine::OwnDevices::histories_to_send,
                            "of how many chats the history is on its way from here to a new device"),
                      field("histories_to_come", &engine::OwnDevices::histories_to_come,
                            "of how many chats the history is on its way to this device"));
};

template <>
struct Shape<engine::AccountRecovered> {
  static constexpr std::string_view name = "account_recovered";
  static constexpr std::string_view about = "The account is back.";
  static constexpr auto fields =
      fields_in_order(field("account", &engine::AccountRecovered::account, "whose"),
                      field("name", &engine::AccountRecovered::name, "as others see the person"),
                      field("contacts", &engine::AccountRecovered::contacts, "their names, as they were last kept"));
};

template <>
struct Shape<engine::DeviceAsks> {
  static constexpr std::string_view name = "device_asks";
  static constexpr std::string_view about =
      "A new device holds the secret of the offer. Show its name and the number, which its own screen shows too, and "
      "ask " "the person: confirm_linking.";
  static constexpr auto fields = fields_in_order(field("name", &engine::DeviceAsks::name, "of the new device"),
                                                 field("check", &engine::DeviceAsks::check, "six digits"));
};

template <>
struct Shape<engine::LinkingChecked> {
  static constexpr std::string_view name = "linking_checked";
  static constexpr std::string_view about = "On the new device: the number that the other screen shows too.";
  static constexpr auto fields = fields_in_order(field("check", &engine::LinkingChecked::check, "six digits"));
};

template <>
struct Shape<engine::LinkingEnded> {
  static constexpr std::string_view name = "linking_ended";
  static constexpr std::string_view about = "An offer, or a linking, is over.";
  static constexpr auto fields =
      fields_in_order(field("name", &engine::LinkingEnded::name, "of the device, if it was said"),
                      field("error", &engine::LinkingEnded::error, "why it is not linked; null: it is"));
};

template <>
struct Shape<engine::DevicesChanged> {
  static constexpr std::string_view name = "devices_changed";
  static constexpr std::string_view about = "The list of own devices has changed.";
  static constexpr auto fields = fields_in_order();
};

template <>
struct Shape<engine::ContactDevicesChanged> {
  static constexpr std::string_view name = "contact_devices_changed";
  static constexpr std::string_view about =
      "Somebody else has a new device in a chat. The other devices of that person vouch for it, which a thief of one "
      "of " "them could do as well: the person should be asked.";
  static constexpr auto fields = fields_in_order(
      field("chat", &engine::ContactDevicesChanged::chat, "in which chat"),
      field("account", &engine::ContactDevicesChanged::account, "whose device"),
      field("name", &engine::ContactDevicesChanged::name, "as that person calls himself"),
      field("held", &engine::ContactDevicesChanged::held,
            "the safety number was compared: nothing is said in this chat until acknowledge_devices or mark_verified"));
};

}  // namespace godwit::api
