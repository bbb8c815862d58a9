#pragma once
// Answers and notices about the devices of one's own account. Part of notices.h.

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "engine/ids.h"

namespace godwit::engine {

/// Of StartLinking.
struct LinkingOffered {
  std::string link;       ///< of an offer by link: secret until it was used
  std::string code;       ///< of an offer by code: twelve digits, in groups of four
  std::string home_link;  ///< of an offer by code: what the new device needs beside it; no secret
  Instant ends_at;
};
/// Of LinkDevice.
struct DeviceLinked {
  AccountId account;
  std::string name;  ///< of the account
};
/// One device of one's own account.
struct DeviceInfo {
  DeviceId device;
  std::string name;
  bool own = false;       ///< this one
  bool changing = false;  ///< it is being added or removed
  Instant added_at;
  std::optional<Instant> seen_at;  ///< when something last came from it
};
/// Of ListDevices.
struct OwnDevices {
  std::vector<DeviceInfo> devices;
  uint32_t chats_to_heal = 0;      ///< chats in which a device is still to be added or removed
  uint32_t histories_to_send = 0;  ///< chats whose history is on its way from here to a new device
  uint32_t histories_to_come = 0;  ///< chats whose history is on its way to this device
};
/// Of RecoverAccount.
struct AccountRecovered {
  AccountId account;
  std::string name;
  std::vector<std::string> contacts;  ///< names, as they were when they were last kept
};

/// A new device has taken the offer and holds its secret: show its name and the number, which its own screen shows too, and
/// ask the person.
struct DeviceAsks {
  std::string name;
  std::string check;  ///< six digits
};
/// On the new device: the number that the other screen shows too. The person confirms there.
struct LinkingChecked {
  std::string check;
};
/// An offer or a linking is over.
struct LinkingEnded {
  std::string name;            ///< of the device, if it was said
  std::optional<Error> error;  ///< none: it is linked
};
/// The list of own devices has changed: ListDevices tells.
struct DevicesChanged {};

/// Somebody else has a new device in a chat. His other devices vouch for it, which a thief of one of them could do as well.
struct ContactDevicesChanged {
  ChatId chat;
  AccountId account;
  std::string name;  ///< as he calls himself
  bool held =
      false;  ///< his safety number was compared: nothing is said to him until AcknowledgeDevices or MarkVerified
};

}  // namespace godwit::engine
