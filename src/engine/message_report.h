#pragma once
// A reader's copy of one message of a chat, for the operator of its author's home: he can check which account's device has signed the
// words, and for which chat. It says nothing of who reports, and opens nothing else.

#include "codec/members.h"
#include "engine/machine.h"

namespace godwit::engine {

/// One content and who has signed it.
struct ReportedWords {
  wire::HomeKey home;
  ByteArray<32> device_key{};
  ByteArray<64> signature{};
  DeviceListIn devices;  ///< Of the account, with the device.
  Bytes content;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.home, self.device_key, self.signature, self.devices, self.content);
  }
};
/// What a report claims.
struct MessageReport {
  uint8_t version = 1;
  ChatId chat;
  AccountId account;
  std::vector<ReportedWords> words;  ///< The message, its last edit, or both in this order.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.chat, self.account, self.words);
  }
};

/// True if it begins as a report of a message.
bool is_message_report(ByteView report);
/// The bytes of a report.
Bytes encode_report(const MessageReport& report);
/// The reverse, with all that it claims checked. kReportDamaged.
Result<ReportChecked> check_message_report(ByteView report);

/// Takes the command ReportMessage.
void report_message(Machine& m, CommandId id, const ReportMessage& command);

}  // namespace godwit::engine
