#pragma once
// Linking a device: the side that is linked already (linking.cc) and the one that comes in (linking_new.cc), both through a
// meeting at the home. What they say is linking_channel.h's.

#include "engine/machine.h"

namespace godwit::engine {

/// Places in a meeting.
constexpr uint8_t kHelloPlace = 0;
constexpr uint8_t kReplyPlace = 1;
constexpr uint8_t kRequestPlace = 2;
constexpr uint8_t kAnswerPlace = 3;
/// The first byte of an answer: the person said no, or the sealed account, or the two did not come to one key. Whoever knows the
/// meeting can leave the first and the last there.
constexpr uint8_t kAnswerNo = 0;
constexpr uint8_t kAnswerAccount = 1;
constexpr uint8_t kAnswerFailed = 2;

/// The chat id of the link by which a new device comes to the meeting; it belongs to no chat.
ChatId newcomer();

/// Takes the command StartLinking.
void start_linking(Machine& m, CommandId id, const StartLinking& command);
/// Takes the command ConfirmLinking.
void confirm_linking(Machine& m, CommandId id, const ConfirmLinking& command);
/// Takes the command LinkDevice.
void link_device(Machine& m, CommandId id, const LinkDevice& command);

/// Goes on with an offer.
void pump_offering(Machine& m, Instant& wake);
/// Leaves the account in the meeting, once the home has let the new device in.
void pump_hand_over(Machine& m, Instant& wake);
/// Goes on with becoming a device.
void pump_being_linked(Machine& m, Instant& wake);

/// A linking that was under way when the program ended.
void restore_linking(Machine& m, LinkingRecord record);
/// Somebody else answers where the offer's home should be. False: nobody links there.
bool fail_being_linked(Machine& m, const LinkKey& key, const Error& error);

}  // namespace godwit::engine
