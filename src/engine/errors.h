#pragma once
// Errors of engine/: block 700. They reach people, so each has one plain sentence in api/messages.

#include "base/error.h"
#include "routes/errors.h"  // of AddRoute

namespace godwit::engine {

// What was asked cannot be done as it was asked.
inline constexpr ErrorCode kNoAccount{700, Action::kFix, "engine_no_account"};
inline constexpr ErrorCode kAccountExists{701, Action::kFix, "engine_account_exists"};
inline constexpr ErrorCode kNoSuchChat{702, Action::kFix, "engine_no_such_chat"};
inline constexpr ErrorCode kAmbiguousName{703, Action::kFix, "engine_ambiguous_name"};
inline constexpr ErrorCode kTooLong{704, Action::kFix, "engine_too_long"};
inline constexpr ErrorCode kNotText{705, Action::kFix, "engine_not_text"};

/// So many messages of this chat wait to be delivered that no more are taken.
inline constexpr ErrorCode kOutboxFull{706, Action::kRetryLater, "engine_outbox_full"};

/// As many routes as may be added are added: remove one first.
inline constexpr ErrorCode kRoutesFull{707, Action::kFix, "engine_routes_full"};
/// Only routes that were added can be removed; those of the invite and of the home stay.
inline constexpr ErrorCode kNoSuchRoute{708, Action::kFix, "engine_no_such_route"};

// Invites.
inline constexpr ErrorCode kLinkDamaged{710, Action::kFix, "engine_link_damaged"};
inline constexpr ErrorCode kLinkNotGodwit{711, Action::kFix, "engine_link_not_godwit"};
/// A link of Godwit's, but not of the kind that belongs here.
inline constexpr ErrorCode kLinkOther{718, Action::kFix, "engine_link_other"};
inline constexpr ErrorCode kLinkNewer{712, Action::kFix, "engine_link_newer"};
inline constexpr ErrorCode kLinkOwn{713, Action::kFix, "engine_link_own"};
inline constexpr ErrorCode kLinkKnown{714, Action::kFix, "engine_link_known"};
inline constexpr ErrorCode kInviteUsed{715, Action::kFix, "engine_invite_used"};
inline constexpr ErrorCode kInviteRefused{716, Action::kFix, "engine_invite_refused"};
/// The key package behind the invite is not of the account in the invite: home or courier is lying.
inline constexpr ErrorCode kInviteForged{717, Action::kFix, "engine_invite_forged"};

// The home.
/// Whoever answers does not hold the key in the invite: not this home, or somebody in between.
inline constexpr ErrorCode kWrongHome{720, Action::kFix, "engine_wrong_home"};
inline constexpr ErrorCode kNotConnected{721, Action::kRetryLater, "engine_not_connected"};
inline constexpr ErrorCode kRefusedByHome{722, Action::kFix, "engine_refused_by_home"};

// The profile.
inline constexpr ErrorCode kWrongPassphrase{730, Action::kFix, "engine_wrong_passphrase"};
inline constexpr ErrorCode kProfileDamaged{731, Action::kStop, "engine_profile_damaged"};
inline constexpr ErrorCode kProfileNewer{732, Action::kFix, "engine_profile_newer"};
/// The home has seen a later state of this device: this profile is an old copy, and must rejoin as a new device.
inline constexpr ErrorCode kProfileRolledBack{733, Action::kStop, "engine_profile_rolled_back"};
/// A recovery key with a digit wrong, missing or too many.
inline constexpr ErrorCode kRecoveryKeyMistyped{734, Action::kFix, "engine_recovery_key_mistyped"};
/// Written before the forms of records changed; nothing reads them any more.
inline constexpr ErrorCode kProfileOlder{735, Action::kFix, "engine_profile_older"};

// What came in.
inline constexpr ErrorCode kBadEnvelope{740, Action::kDrop, "engine_bad_envelope"};
inline constexpr ErrorCode kBadContent{741, Action::kDrop, "engine_bad_content"};
inline constexpr ErrorCode kBadDeviceList{742, Action::kDrop, "engine_bad_device_list"};
inline constexpr ErrorCode kBadLogEntry{743, Action::kDrop, "engine_bad_log_entry"};

// Why the keys of a chat do not change.
/// The log holds a change of keys that others can follow and this device cannot.
inline constexpr ErrorCode kChatStuck{750, Action::kFix, "engine_chat_stuck"};
/// All places of this epoch in the log are taken by entries that are void: somebody floods it.
inline constexpr ErrorCode kLogFlooded{751, Action::kRetryLater, "engine_log_flooded"};
/// No commit can be made out of the state of the chat: the other side has broken it.
inline constexpr ErrorCode kNoCommit{752, Action::kFix, "engine_no_commit"};

// Bundles.
inline constexpr ErrorCode kNotBundle{760, Action::kFix, "engine_not_bundle"};
inline constexpr ErrorCode kBundleDamaged{761, Action::kFix, "engine_bundle_damaged"};
inline constexpr ErrorCode kBundleNewer{762, Action::kFix, "engine_bundle_newer"};

// Files.
/// No message with a file has this id in this chat, or it is too old to be found by its id.
inline constexpr ErrorCode kNoSuchFile{770, Action::kFix, "engine_no_such_file"};
inline constexpr ErrorCode kFileTooLarge{771, Action::kFix, "engine_file_too_large"};
/// The file was changed, cut or removed while it was being sent.
inline constexpr ErrorCode kFileChanged{772, Action::kFix, "engine_file_changed"};
/// The home does not have it any more: its sender has to send it again.
inline constexpr ErrorCode kFileGone{773, Action::kFix, "engine_file_gone"};
/// What the home gave is not what the sender stored there.
inline constexpr ErrorCode kFileDamaged{774, Action::kFix, "engine_file_damaged"};
/// So many files of this chat are on their way that no more are taken.
inline constexpr ErrorCode kTransfersFull{775, Action::kRetryLater, "engine_transfers_full"};
/// Of hosts: what was written of a file so far is not there any more. It is fetched again from its beginning.
inline constexpr ErrorCode kPartMissing{776, Action::kDrop, "engine_part_missing"};
/// It was held up by command. What there is of it is kept: fetched again to the same place, it goes on there.
inline constexpr ErrorCode kFilePaused{777, Action::kFix, "engine_file_paused"};

// Bulletins.
inline constexpr ErrorCode kNotBulletin{790, Action::kFix, "engine_not_bulletin"};
inline constexpr ErrorCode kBulletinDamaged{791, Action::kFix, "engine_bulletin_damaged"};
inline constexpr ErrorCode kBulletinNewer{792, Action::kFix, "engine_bulletin_newer"};
/// Not signed by the key that the home itself has named.
inline constexpr ErrorCode kBulletinForged{793, Action::kFix, "engine_bulletin_forged"};
/// Expired, or of a smaller number than the one that is known.
inline constexpr ErrorCode kBulletinOld{794, Action::kFix, "engine_bulletin_old"};
/// No session with that home has said by which key it signs.
inline constexpr ErrorCode kBulletinUnknownHome{795, Action::kFix, "engine_bulletin_unknown_home"};
inline constexpr ErrorCode kNoBulletin{796, Action::kRetryLater, "engine_no_bulletin"};

// Search and imports.
/// Nothing that could be searched for: no word, or one that is longer than any.
inline constexpr ErrorCode kNothingToSearch{1440, Action::kFix, "engine_nothing_to_search"};
/// A chat that is only kept has nobody to write to.
inline constexpr ErrorCode kChatOnlyKept{1441, Action::kFix, "engine_chat_only_kept"};

// The account's devices.
/// Twelve digits of which the last fits the others.
inline constexpr ErrorCode kCodeMistyped{1500, Action::kFix, "engine_code_mistyped"};
/// A wrong code, or somebody between the two devices: the offer is used up.
inline constexpr ErrorCode kLinkingFailed{1501, Action::kFix, "engine_linking_failed"};
/// The person at the other device has said no.
inline constexpr ErrorCode kLinkingRefused{1502, Action::kFix, "engine_linking_refused"};
/// The ten minutes are over, or the home has forgotten the meeting.
inline constexpr ErrorCode kLinkingOver{1503, Action::kFix, "engine_linking_over"};
/// Somebody else has taken the offer.
inline constexpr ErrorCode kLinkingTaken{1504, Action::kFix, "engine_linking_taken"};
inline constexpr ErrorCode kNobodyAsks{1505, Action::kFix, "engine_nobody_asks"};
inline constexpr ErrorCode kTooManyDevices{1506, Action::kFix, "engine_too_many_devices"};
inline constexpr ErrorCode kNoSuchDevice{1507, Action::kFix, "engine_no_such_device"};
/// A device does not remove itself.
inline constexpr ErrorCode kOwnDevice{1508, Action::kFix, "engine_own_device"};
/// Another device of the account has thrown this one out.
inline constexpr ErrorCode kDeviceRemoved{1509, Action::kFix, "engine_device_removed"};
/// The device list has no room for another change.
inline constexpr ErrorCode kDeviceListFull{1510, Action::kFix, "engine_device_list_full"};
/// The recovery key is another account's.
inline constexpr ErrorCode kRecoveryKeyOther{1511, Action::kFix, "engine_recovery_key_other"};
/// The home has no mailbox that these words open.
inline constexpr ErrorCode kNoSuchAccount{1512, Action::kFix, "engine_no_such_account"};
/// The mailbox is there, and nothing, or nothing that opens, is kept beside it.
inline constexpr ErrorCode kNoBackup{1513, Action::kFix, "engine_no_backup"};
/// Some of the history that another device handed over could not be had: this device has a gap.
inline constexpr ErrorCode kHistoryGap{1515, Action::kFix, "engine_history_gap"};
/// What another device of the account said does not open, or is not by one of them.
inline constexpr ErrorCode kBadSync{1514, Action::kDrop, "engine_bad_sync"};

// Mail.
inline constexpr ErrorCode kBadMailAccount{798, Action::kFix, "engine_bad_mail_account"};

// Names, contact requests and blocks: 1470 on.
inline constexpr ErrorCode kBadName{1470, Action::kFix, "engine_bad_name"};
inline constexpr ErrorCode kNameTaken{1471, Action::kFix, "engine_name_taken"};
inline constexpr ErrorCode kHasName{1472, Action::kFix, "engine_has_name"};
/// No such name there, or another passcode.
inline constexpr ErrorCode kNoSuchName{1473, Action::kFix, "engine_no_such_name"};
/// No home with that host is known: its link is needed.
inline constexpr ErrorCode kUnknownNameHome{1474, Action::kFix, "engine_unknown_name_home"};
inline constexpr ErrorCode kNoSuchInvite{1475, Action::kFix, "engine_no_such_invite"};
inline constexpr ErrorCode kNoSuchRequest{1476, Action::kFix, "engine_no_such_request"};
inline constexpr ErrorCode kRequestDamaged{1477, Action::kFix, "engine_request_damaged"};
inline constexpr ErrorCode kNotBlocked{1478, Action::kFix, "engine_not_blocked"};
/// An invite for many is good for 1 to 365 days.
inline constexpr ErrorCode kBadInviteDays{1479, Action::kFix, "engine_bad_invite_days"};

// Channels.
inline constexpr ErrorCode kNoSuchChannel{1480, Action::kFix, "engine_no_such_channel"};
/// Only its owner writes into a channel.
inline constexpr ErrorCode kNotChannelOwner{1481, Action::kFix, "engine_not_channel_owner"};
inline constexpr ErrorCode kNoSuchPost{1482, Action::kFix, "engine_no_such_post"};
/// The home shows something else than before, or less: it lies, or was put back to an old state.
inline constexpr ErrorCode kChannelForked{1483, Action::kFix, "engine_channel_forked"};
/// A home asks for more and more work before it answers.
inline constexpr ErrorCode kTooMuchWork{1486, Action::kFix, "engine_too_much_work"};
/// A home lets one account try few names a day.
inline constexpr ErrorCode kTooManyClaims{1487, Action::kFix, "engine_too_many_claims"};
/// A passcode of a name has at least 6 characters.
inline constexpr ErrorCode kPasscodeShort{1488, Action::kFix, "engine_passcode_short"};
inline constexpr ErrorCode kReportDamaged{1485, Action::kFix, "engine_report_damaged"};
/// What proves to others who has said it is not on this device: own words, what was imported, or its author is not known any more.
inline constexpr ErrorCode kNoProof{1489, Action::kFix, "engine_report_no_proof"};
/// The home or its operator has taken the channel away.
inline constexpr ErrorCode kChannelGone{1484, Action::kFix, "engine_channel_gone"};
// Groups.
/// We left this chat, or were removed from it.
inline constexpr ErrorCode kNotMember{1400, Action::kFix, "engine_not_member"};
/// Only the role that may do this may do it: ask an admin or owner.
inline constexpr ErrorCode kNotAllowed{1401, Action::kFix, "engine_not_allowed"};
/// Nobody with this account is in the chat.
inline constexpr ErrorCode kNoSuchMember{1402, Action::kFix, "engine_no_such_member"};
/// It is about groups, and this is a chat of two.
inline constexpr ErrorCode kNotGroup{1403, Action::kFix, "engine_not_group"};
/// It is about a chat of two, and this is a group.
inline constexpr ErrorCode kNotDirect{1404, Action::kFix, "engine_not_direct"};
/// There is no contact with this account whom one could ask for keys.
inline constexpr ErrorCode kNoSuchContact{1405, Action::kFix, "engine_no_such_contact"};
/// A group has no room for more devices.
inline constexpr ErrorCode kGroupFull{1406, Action::kFix, "engine_group_full"};
/// The last owner has to make somebody else owner before he goes.
inline constexpr ErrorCode kLastOwner{1407, Action::kFix, "engine_last_owner"};
/// Meanwhile the group has changed so that this makes no sense any more.
inline constexpr ErrorCode kOvertaken{1408, Action::kFix, "engine_overtaken"};
/// A setting that there cannot be.
inline constexpr ErrorCode kBadSetting{1409, Action::kFix, "engine_bad_setting"};
/// Slow mode is on, and we have just written.
inline constexpr ErrorCode kTooSoon{1410, Action::kRetryLater, "engine_too_soon"};

// Links of groups.
/// Its day is over: ask for another.
inline constexpr ErrorCode kGroupLinkExpired{1520, Action::kFix, "engine_group_link_expired"};
/// It was revoked, or its keeper is no admin any more: ask for another.
inline constexpr ErrorCode kGroupLinkGone{1521, Action::kFix, "engine_group_link_gone"};
/// As many as it was for have come by it.
inline constexpr ErrorCode kGroupLinkUsedUp{1522, Action::kFix, "engine_group_link_used_up"};
/// An admin has removed this account from the group: he has to let it in himself.
inline constexpr ErrorCode kGroupBarred{1523, Action::kFix, "engine_group_barred"};
inline constexpr ErrorCode kJoinRefused{1524, Action::kFix, "engine_join_refused"};
inline constexpr ErrorCode kAlreadyInGroup{1525, Action::kFix, "engine_already_in_group"};
inline constexpr ErrorCode kNoSuchGroupLink{1526, Action::kFix, "engine_no_such_group_link"};
/// Nobody with this account waits, or not any more: another admin has answered.
inline constexpr ErrorCode kNoSuchJoinRequest{1527, Action::kFix, "engine_no_such_join_request"};
inline constexpr ErrorCode kGroupLinksFull{1528, Action::kFix, "engine_group_links_full"};
/// A link is good for at most 1,000 people and 365 days.
inline constexpr ErrorCode kBadLinkTerms{1529, Action::kFix, "engine_bad_link_terms"};
/// Nobody has answered in 30 days.
inline constexpr ErrorCode kJoinUnanswered{1530, Action::kFix, "engine_join_unanswered"};
/// The log is not there for this device any more: another member is asked to let it in anew.
inline constexpr ErrorCode kReturning{1531, Action::kRetryLater, "engine_returning"};
/// The home to which the account was to move does not answer.
inline constexpr ErrorCode kHomeSilent{1534, Action::kFix, "engine_home_silent"};
/// The account lives at this home already.
inline constexpr ErrorCode kSameHome{1532, Action::kFix, "engine_same_home"};
/// A move of the account, or a new device, is under way: wait until that is over.
inline constexpr ErrorCode kMoveUnderWay{1533, Action::kFix, "engine_move_under_way"};
/// The contact, whose safety number was compared, has a device that nobody here knows of: AcknowledgeDevices.
inline constexpr ErrorCode kNewDevices{1411, Action::kFix, "engine_new_devices"};
/// What was said here would reach devices that are lost: their owner has come back by the recovery words, in another chat.
inline constexpr ErrorCode kCameBack{1414, Action::kFix, "engine_came_back"};

/// The home of the log answers: there is nothing to move.
inline constexpr ErrorCode kLogIsThere{1412, Action::kFix, "engine_log_is_there"};
/// Not said by somebody who may move the log, of another chat or log, or worse than the one that is known.
inline constexpr ErrorCode kBadLogMove{1413, Action::kDrop, "engine_bad_log_move"};

// Messages.
inline constexpr ErrorCode kNoSuchMessage{1420, Action::kFix, "engine_no_such_message"};
/// Only its author may do this.
inline constexpr ErrorCode kNotYourMessage{1421, Action::kFix, "engine_not_your_message"};
/// Only texts, and what stands under files, can be edited; not what was taken back.
inline constexpr ErrorCode kNotEditable{1422, Action::kFix, "engine_not_editable"};
/// A span or mention is not a piece of the text, or a link is not http, https or mailto.
inline constexpr ErrorCode kBadFormatting{1423, Action::kFix, "engine_bad_formatting"};
inline constexpr ErrorCode kBadReaction{1424, Action::kFix, "engine_bad_reaction"};
inline constexpr ErrorCode kBadPoll{1425, Action::kFix, "engine_bad_poll"};
inline constexpr ErrorCode kBadVote{1426, Action::kFix, "engine_bad_vote"};
inline constexpr ErrorCode kPollClosed{1427, Action::kFix, "engine_poll_closed"};
inline constexpr ErrorCode kBadTimer{1428, Action::kFix, "engine_bad_timer"};
inline constexpr ErrorCode kBadLocation{1429, Action::kFix, "engine_bad_location"};
inline constexpr ErrorCode kBadContact{1430, Action::kFix, "engine_bad_contact"};
/// Taken back, gone, made by a newer version, or its file is still being brought to the home.
inline constexpr ErrorCode kNotForwardable{1431, Action::kFix, "engine_not_forwardable"};
inline constexpr ErrorCode kScheduledFull{1432, Action::kFix, "engine_scheduled_full"};
inline constexpr ErrorCode kBadMedia{1433, Action::kFix, "engine_bad_media"};
/// Its link does not stand in the text, it has no title, or it is too large or no single line.
inline constexpr ErrorCode kBadPreview{1434, Action::kFix, "engine_bad_preview"};
/// As many votes of this account on this poll as count: the last of them stays.
inline constexpr ErrorCode kVotesUsedUp{1435, Action::kFix, "engine_votes_used_up"};

// Packs of stickers.
inline constexpr ErrorCode kNoSuchStickerPack{1535, Action::kFix, "engine_no_such_sticker_pack"};
inline constexpr ErrorCode kNoSuchSticker{1536, Action::kFix, "engine_no_such_sticker"};
/// No name, no sticker or too many, too many bytes, or no pack at all.
inline constexpr ErrorCode kBadStickerPack{1537, Action::kFix, "engine_bad_sticker_pack"};
/// A picture that is no PNG, GIF or WebP, has too many bytes or pixels, or stands for nothing.
inline constexpr ErrorCode kBadSticker{1538, Action::kFix, "engine_bad_sticker"};
inline constexpr ErrorCode kStickerPacksFull{1539, Action::kFix, "engine_sticker_packs_full"};

// Web Push.
/// Not as browsers give it: an https:// address, a key of 65 bytes and a secret of 16.
inline constexpr ErrorCode kBadWebPush{1540, Action::kFix, "engine_bad_web_push"};
/// The home sends no pushes, or shows another key than the one for which the browser was asked.
inline constexpr ErrorCode kNoWebPush{1541, Action::kFix, "engine_no_web_push"};

// Calls.
/// This device is in a call, or rings: end that one first.
inline constexpr ErrorCode kInCall{1545, Action::kFix, "engine_in_call"};
/// It is over, or never was on this device.
inline constexpr ErrorCode kNoSuchCall{1546, Action::kFix, "engine_no_such_call"};
/// The call does not stand so: a second answer, a signal before anybody has taken it.
inline constexpr ErrorCode kCallNotNow{1547, Action::kFix, "engine_call_not_now"};
/// The other side has not come into the chat yet, or this device has not.
inline constexpr ErrorCode kChatNotReady{1548, Action::kRetryLater, "engine_chat_not_ready"};
/// The account is blocked here.
inline constexpr ErrorCode kCallBlocked{1549, Action::kFix, "engine_call_blocked"};
/// Only small exchanges get through on this network: no media would.
inline constexpr ErrorCode kNoCallWay{1550, Action::kFix, "engine_no_call_way"};
/// So many devices as a call of a group holds are in it: wait until somebody leaves.
inline constexpr ErrorCode kCallFull{1551, Action::kRetryLater, "engine_call_full"};
/// The group has more members than a call rings.
inline constexpr ErrorCode kGroupCallTooLarge{1552, Action::kFix, "engine_group_call_too_large"};
/// Not the key of a room or a seat, or a stream or number outside its bounds: our page has an error.
inline constexpr ErrorCode kBadCallRoom{1553, Action::kFix, "engine_bad_call_room"};

/// The records of a deleted chat have not all gone yet.
inline constexpr ErrorCode kBeingDeleted{1439, Action::kRetryLater, "engine_being_deleted"};

}  // namespace godwit::engine
