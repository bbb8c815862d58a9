#pragma once
// Commands about the devices of one's own account. Part of commands.h.

#include <optional>
#include <string>

#include "engine/ids.h"

namespace godwit::engine {

/// Offers to link a new device, for ten minutes: as a link for a QR code, or as a code to be typed. One offer at a time, the
/// newest; it is good for one try. Answered by LinkingOffered; then DeviceAsks comes when the new device has taken it, and
/// LinkingEnded however it ends. Six an hour (wire_too_many_requests). Nothing of it survives a restart but what was
/// confirmed. kNoAccount, kTooManyDevices.
struct StartLinking {
  bool by_code = false;
};
/// The person's word about the device that DeviceAsks has named. Yes: the device is put into the list and gets the account; goes
/// on by itself, across restarts. Answered by Nothing once that is stored. kNoAccount, kNobodyAsks.
struct ConfirmLinking {
  bool accept = false;
};
/// Makes this profile a new device of an account: by `link`, or by `code` and the home's link. `name` is what own devices show,
/// 1 to 64 characters. Answered by DeviceLinked once the person at the other device has confirmed; LinkingChecked comes
/// before with the number that both screens show. After a restart it goes on by itself for the ten minutes of the offer, or says by
/// LinkingEnded that it has to be begun again. kAccountExists, kTooLong, kNotText, kLinkDamaged, kLinkNotGodwit, kLinkNewer,
/// kCodeMistyped, kLinkingFailed, kLinkingRefused, kLinkingOver, kWrongHome.
struct LinkDevice {
  std::string name;
  std::string link;       ///< Empty: by code.
  std::string code;       ///< Twelve digits.
  std::string home_link;  ///< Of the code.
};
/// Answered by OwnDevices. kNoAccount.
struct ListDevices {};
/// Gives a device of one's own another name, on all of them. Answered by Nothing. kNoAccount, kNoSuchDevice, kTooLong, kNotText.
struct RenameDevice {
  DeviceId device;
  std::string name;
};
/// Throws a device out: the home forgets it, the list says so, and it gets nothing any more. Answered by Nothing once the home
/// has done it; goes on by itself, across restarts. With `recovery_key` (as people write it) the words sign, so that no other
/// device can undo it. kNoAccount, kNoSuchDevice, kOwnDevice, kRecoveryKeyMistyped, kRecoveryKeyOther.
struct RemoveDevice {
  DeviceId device;
  std::string recovery_key;  ///< Empty: this device signs.
};
/// Brings back an account whose devices are lost, on an empty profile, at the home where it was: the words open its mailbox, all
/// earlier devices are out, and name and contacts are there. If what the home kept does not open (whoever has stolen a device can
/// spoil it), there are no contacts, and Trouble says kNoBackup. With `at_new_home` a home that does not know the account opens a
/// mailbox for it, as for a new one: it is the same account for whoever meets it again, with nothing of what the old home kept.
/// Answered by AccountRecovered. kAccountExists, kTooLong, kNotText, kRecoveryKeyMistyped, kNoSuchAccount, kWrongHome, and as
/// home_of_link(); `at_new_home`: kRefusedByHome.
struct RecoverAccount {
  std::string recovery_key;
  std::string home_link;
  std::string name;      ///< Of this device.
  std::string own_name;  ///< As others see the person, if what the home kept does not open; empty: as `name`.
  bool at_new_home = false;
};
/// Moves the account to another home, with its chats: every device, also those that sleep, and every chat hears of it, across
/// restarts. The home before is looked into for kFormerHomeKept more; then this device leaves it, and the last one ends it with invites and
/// group links that belong to it. It need not answer; the new one has five minutes. Answered by Nothing once the account lives at the new home; ReadAccount
/// says how many chats have still to be told. kNoAccount, kSameHome, kMoveUnderWay, kRefusedByHome, kHomeSilent, kWrongHome, and
/// as home_of_link().
struct MoveAccount {
  std::string home_link;
};

}  // namespace godwit::engine
