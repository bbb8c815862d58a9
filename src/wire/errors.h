#pragma once
// What a home answers instead of a reply: block 500. The same numbers cross the line, and mean the same on both sides.

#include "base/error.h"

namespace godwit::wire {

// The request is wrong as it is.
inline constexpr ErrorCode kUnknownRequest{500, Action::kDrop, "wire_unknown_request"};
inline constexpr ErrorCode kMalformed{501, Action::kDrop, "wire_malformed"};
inline constexpr ErrorCode kTooLarge{502, Action::kDrop, "wire_too_large"};
/// This kind of session may not ask that (anonymous asked for a mailbox, or the other way round).
inline constexpr ErrorCode kWrongSessionKind{503, Action::kDrop, "wire_wrong_session_kind"};

// The asker has no right to it. Deliberately coarse: a guess learns nothing about what exists.
inline constexpr ErrorCode kProofRefused{510, Action::kCloseSession, "wire_proof_refused"};
inline constexpr ErrorCode kAdmissionRefused{511, Action::kFix, "wire_admission_refused"};
/// No such address, an expired or revoked one, or a wrong token: always this one answer.
inline constexpr ErrorCode kAddressRefused{512, Action::kDrop, "wire_address_refused"};
/// No such log, or a wrong token: always this one answer.
inline constexpr ErrorCode kLogRefused{513, Action::kDrop, "wire_log_refused"};
inline constexpr ErrorCode kProofOfWorkRefused{514, Action::kFix, "wire_proof_of_work_refused"};
/// The id is taken by somebody else: choose another.
inline constexpr ErrorCode kIdTaken{515, Action::kFix, "wire_id_taken"};
/// The device's mailbox key is not, or no longer, in this mailbox: this device was removed.
inline constexpr ErrorCode kNoSuchMailbox{516, Action::kFix, "wire_no_such_mailbox"};
/// A sealed request that is not for this home, damaged, expired or done before: always this one answer.
inline constexpr ErrorCode kSealedRefused{517, Action::kDrop, "wire_sealed_refused"};
/// A grant that is not, or no longer, good for this blob.
inline constexpr ErrorCode kBlobRefused{518, Action::kDrop, "wire_blob_refused"};
/// No such blob, or no longer.
inline constexpr ErrorCode kNoSuchBlob{519, Action::kDrop, "wire_no_such_blob"};

// Not now: 520 to 529, also to a client that does not know the number.
inline constexpr ErrorCode kQuotaFull{520, Action::kRetryLater, "wire_quota_full"};
inline constexpr ErrorCode kTooManyRequests{521, Action::kRetryLater, "wire_too_many_requests"};
/// The home cannot store (its engine is down), or does not know whether it did.
inline constexpr ErrorCode kUnavailable{522, Action::kRetryLater, "wire_unavailable"};
/// All key packages of this address were taken and it has no last resort: the invite was used.
inline constexpr ErrorCode kNoKeyPackage{523, Action::kFix, "wire_no_key_package"};
/// A ttl of 0 asks for somebody connected now, and nobody is.
inline constexpr ErrorCode kNobodyConnected{524, Action::kDrop, "wire_nobody_connected"};
/// A transfer of parts that the home does not know, or no longer: begin it again.
inline constexpr ErrorCode kNoSuchTransfer{525, Action::kDrop, "wire_no_such_transfer"};
/// The home to which something was to be passed on does not answer.
inline constexpr ErrorCode kHomeUnreachable{526, Action::kRetryLater, "wire_home_unreachable"};
/// The home has no room left: its disk is full, or its store holds what it may. It is not done, and reading goes on.
inline constexpr ErrorCode kHomeFull{527, Action::kRetryLater, "wire_home_full"};

// Names, contact requests and channels.
/// No such name, or another passcode: always this one answer.
inline constexpr ErrorCode kNameRefused{540, Action::kFix, "wire_name_refused"};
/// Somebody else's mailbox has that name.
inline constexpr ErrorCode kNameTaken{541, Action::kFix, "wire_name_taken"};
/// A mailbox has one name: release it first.
inline constexpr ErrorCode kHasName{542, Action::kFix, "wire_has_name"};
/// No such channel, or no longer.
inline constexpr ErrorCode kNoSuchChannel{543, Action::kDrop, "wire_no_such_channel"};
/// A grant, key or signature that is not good for this channel.
inline constexpr ErrorCode kChannelRefused{544, Action::kDrop, "wire_channel_refused"};
/// Another entry stands there, or the one before it does not: read, then make another.
inline constexpr ErrorCode kChannelMoved{545, Action::kFix, "wire_channel_moved"};

// Of home_link.h; these do not cross the line.
inline constexpr ErrorCode kLinkNotHome{530, Action::kFix, "wire_link_not_home"};
inline constexpr ErrorCode kLinkDamaged{531, Action::kFix, "wire_link_damaged"};
inline constexpr ErrorCode kLinkNewer{532, Action::kFix, "wire_link_newer"};

// Of bundle.h; these do not cross the line.
inline constexpr ErrorCode kNotBundle{535, Action::kFix, "wire_not_bundle"};
inline constexpr ErrorCode kBundleDamaged{536, Action::kFix, "wire_bundle_damaged"};
inline constexpr ErrorCode kBundleNewer{537, Action::kFix, "wire_bundle_newer"};

// Of several devices.
/// A meeting that the home does not know, or no longer: begin with another.
inline constexpr ErrorCode kNoSuchMeeting{550, Action::kFix, "wire_no_such_meeting"};
/// Another device has changed the account's device list meanwhile: take that in, then ask again.
inline constexpr ErrorCode kListMoved{551, Action::kRetryLater, "wire_list_moved"};

// Web Push.
/// This home sends no pushes: its operator has switched that off.
inline constexpr ErrorCode kWebPushOff{555, Action::kFix, "wire_web_push_off"};

// Calls.
/// This home relays no calls, or not now: its operator has not switched that on, or its relay does not run.
inline constexpr ErrorCode kCallsOff{556, Action::kFix, "wire_calls_off"};
/// No such room of the unit, or no longer: make another.
inline constexpr ErrorCode kNoSuchCallRoom{557, Action::kFix, "wire_no_such_call_room"};

}  // namespace godwit::wire
