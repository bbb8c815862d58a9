#pragma once
// The table's part about the devices of one's own account: commands (included by command_shapes.h) and what they are answered
// by stands in device_notice_shapes.h.

#include <array>

#include "api/shapes.h"
#include "engine/commands.h"
#include "engine/errors.h"
#include "engine/notices.h"

namespace godwit::api {

template <>
struct Shape<engine::StartLinking> {
  using Answer = engine::LinkingOffered;
  static constexpr std::string_view name = "start_linking";
  static constexpr std::
      string_view
          about =
              "Offers to link a new device, for ten minutes and one try. When it has taken the offer, device_asks "
              "comes; " "linking_ended however it ends.";
  static constexpr auto fields = fields_in_order(
      field_or_default("by_code", &engine::StartLinking::by_code,
                       "true: a code of twelve digits to be typed; false or left out: a link, for a QR code"));
  static constexpr std::array errors{engine::kNoAccount, engine::kTooManyDevices};
};

template <>
struct Shape<engine::ConfirmLinking> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "confirm_linking";
  static constexpr std::string_view about = "The person's word about the device that device_asks has named.";
  static constexpr auto fields = fields_in_order(field(
      "accept", &engine::ConfirmLinking::accept, "true: it is linked and gets the account; false: it gets nothing"));
  static constexpr std::array errors{engine::kNoAccount, engine::kNobodyAsks};
};

template <>
struct Shape<engine::LinkDevice> {
  using Answer = engine::DeviceLinked;
  static constexpr std::string_view name = "link_device";
  static constexpr std::string_view about =
      "Makes this empty profile a new device of an account. Answered once the person at the other device has "
      "confirmed; " "linking_checked comes before.";
  static constexpr auto fields = fields_in_order(
      field("name", &engine::LinkDevice::name, "of this device, as own devices show it: 1 to 64 characters"),
      field_or_default("link", &engine::LinkDevice::link, "of an offer by link"),
      field_or_default("code", &engine::LinkDevice::code, "of an offer by code: twelve digits"),
      field_or_default("home_link", &engine::LinkDevice::home_link, "with a code: the link of the account's home"));
  static constexpr std::array errors{engine::kAccountExists, engine::kTooLong,       engine::kNotText,
                                     engine::kLinkDamaged,   engine::kLinkNotGodwit, engine::kLinkNewer,
                                     engine::kCodeMistyped,  engine::kLinkingFailed, engine::kLinkingRefused,
                                     engine::kLinkingOver,   engine::kLinkingTaken,  engine::kWrongHome};
};

template <>
struct Shape<engine::ListDevices> {
  using Answer = engine::OwnDevices;
  static constexpr std::string_view name = "list_devices";
  static constexpr std::string_view about = "Lists the devices of one's own account. Nobody else sees their names.";
  static constexpr auto fields = fields_in_order();
  static constexpr std::array errors{engine::kNoAccount};
};

template <>
struct Shape<engine::RenameDevice> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "rename_device";
  static constexpr std::string_view about = "Gives a device another name, on all own devices.";
  static constexpr auto fields = fields_in_order(field("device", &engine::RenameDevice::device, "which"),
                                                 field("name", &engine::RenameDevice::name, "1 to 64 characters"));
  static constexpr std::array errors{engine::kNoAccount, engine::kNoSuchDevice, engine::kTooLong, engine::kNotText};
};

template <>
struct Shape<engine::RemoveDevice> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "remove_device";
  static constexpr std::string_view
      about =
          "Throws a device out: the home forgets it and it gets nothing any more. Answered once the home has done it; "
          "goes " "on by itself, across restarts.";
  static constexpr auto fields =
      fields_in_order(field("device", &engine::RemoveDevice::device, "which"),
                      field_or_default("recovery_key", &engine::RemoveDevice::recovery_key,
                                       "so that no other device can undo it; empty or left out: this device's word"));
  static constexpr std::array errors{engine::kNoAccount,           engine::kNoSuchDevice,     engine::kOwnDevice,
                                     engine::kRecoveryKeyMistyped, engine::kRecoveryKeyOther, engine::kDeviceListFull};
};

template <>
struct Shape<engine::RecoverAccount> {
  using Answer = engine::AccountRecovered;
  static constexpr std::string_view name = "recover_account";
  static constexpr std::string_view about =
      "Brings back, on an empty profile, an account whose devices are lost. All earlier devices are out afterwards. If its home is "
      "gone too, at_new_home begins it at another one: the same account for whoever meets it again, without contacts and channels.";
  static constexpr auto fields = fields_in_order(
      field("recovery_key", &engine::RecoverAccount::recovery_key, "as it was shown when the account was made"),
      field("home_link", &engine::RecoverAccount::home_link, "a link of the home where the account is"),
      field("name", &engine::RecoverAccount::name, "of this device, 1 to 64 characters"),
      field_or_default(
          "own_name", &engine::RecoverAccount::own_name,
          "as others see the person, if what the home kept is damaged, or it is a new one; empty or left out: as name"),
      field_or_default(
          "at_new_home", &engine::RecoverAccount::at_new_home,
          "true: a home that does not know the account opens a mailbox for it, if it takes new people by this link"));
  static constexpr std::array errors{engine::kAccountExists, engine::kTooLong,      engine::kNotText,
                                     engine::kLinkDamaged,   engine::kLinkNewer,    engine::kLinkNotGodwit,
                                     engine::kLinkOther,     engine::kWrongHome,    engine::kRecoveryKeyMistyped,
                                     engine::kNoSuchAccount, engine::kRefusedByHome};
};

template <>
struct Shape<engine::MoveAccount> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "move_account";
  static constexpr std::string_view about =
      "Moves the account to another home, with all devices and chats. Answered once it lives there; within ten minutes each chat is "
      "told, and read_account says how many have still to hear of it. The home before need not answer. For 30 days it is looked "
      "into as well: invites given out before hold so long. A name at it is given up at once.";
  static constexpr auto fields = fields_in_order(
      field("home_link", &engine::MoveAccount::home_link, "of the home where it goes, as for a new account"));
  static constexpr std::array errors{engine::kHomeSilent, engine::kNoAccount,     engine::kSameHome,      engine::kMoveUnderWay,
                                     engine::kRefusedByHome, engine::kWrongHome,     engine::kLinkDamaged,
                                     engine::kLinkNewer,     engine::kLinkNotGodwit, engine::kLinkOther};
};

}  // namespace godwit::api
